-- Who may use the API: tokens, codes that are good for one sign-in, sessions of browsers. Of their
-- secrets only a SHA-256 is kept. `rights` is JSON: scopes, environments, playbooks. `parent`: the token
-- of a session.
CREATE TABLE credentials (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    digest BLOB NOT NULL,
    rights TEXT NOT NULL,
    created_at REAL NOT NULL,
    created_by TEXT NOT NULL,
    expires_at REAL,
    ended_at REAL,
    parent TEXT REFERENCES credentials (id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX credentials_by_name ON credentials (name)
    WHERE kind = 'token' AND ended_at IS NULL;

-- Events that were sent to this project, each once: `source` and `id` tell them apart. `body` is the
-- event as JSON. pending, then started (`workflows`: what it started, as JSON), unmatched, refused or
-- ignored (a file that the filter kept back).
CREATE TABLE inbox (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL,
    id TEXT NOT NULL,
    type TEXT NOT NULL,
    at REAL NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending',
    reason TEXT NOT NULL DEFAULT '',
    workflows TEXT NOT NULL DEFAULT '[]',
    UNIQUE (source, id)
);
CREATE INDEX inbox_by_state ON inbox (state, number);

-- Files that a trigger has seen: a file that differs from this has changed. `mtime` in nanoseconds.
CREATE TABLE watched (
    watch TEXT NOT NULL,
    path TEXT NOT NULL,
    mtime INTEGER NOT NULL,
    size INTEGER NOT NULL,
    PRIMARY KEY (watch, path)
) WITHOUT ROWID;

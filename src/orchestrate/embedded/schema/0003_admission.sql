-- Who goes first, and what keeps a workflow from beginning. `concurrency` is its group, rendered;
-- `overrides` is JSON: what somebody decided to go past, with the reason.
ALTER TABLE workflows ADD COLUMN priority TEXT NOT NULL DEFAULT 'normal';
ALTER TABLE workflows ADD COLUMN concurrency TEXT;
ALTER TABLE workflows ADD COLUMN overlap TEXT;
ALTER TABLE workflows ADD COLUMN overrides TEXT NOT NULL DEFAULT '{}';
CREATE INDEX workflows_in_group ON workflows (concurrency, state) WHERE concurrency IS NOT NULL;

-- Since when each waits (seconds since the epoch), and its place: the smallest rank is next.
ALTER TABLE waiters ADD COLUMN since REAL NOT NULL DEFAULT 0;
ALTER TABLE waiters ADD COLUMN rank REAL NOT NULL DEFAULT 0;
CREATE INDEX waiters_by_rank ON waiters (rank, workflow);

-- Times in which nothing new begins because somebody said so; the last one may be still open.
CREATE TABLE holds (
    number INTEGER PRIMARY KEY,
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,
    held_at REAL NOT NULL,
    released_at REAL,
    released_by TEXT
);
CREATE INDEX holds_open ON holds (number) WHERE released_at IS NULL;

-- Rate limits: when the next start would be on time if starts came evenly (see workflow/rates.py), and
-- when that was said; and what each attempt was given, so that it is not charged twice.
CREATE TABLE rates (
    name TEXT PRIMARY KEY,
    due REAL NOT NULL,
    seen REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE rate_tokens (
    workflow INTEGER NOT NULL REFERENCES workflows (number),
    attempt INTEGER NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (workflow, attempt)
) WITHOUT ROWID;

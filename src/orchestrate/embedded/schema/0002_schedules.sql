-- What is started by the clock. `body` is the schedule as JSON; `next_due` is when something has to be
-- decided about it, NULL if never or while it is disabled.
CREATE TABLE schedules (
    name TEXT PRIMARY KEY,
    body TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    decided_until REAL NOT NULL,
    next_due REAL
);
CREATE INDEX schedules_due ON schedules (next_due) WHERE next_due IS NOT NULL;

-- What became of each slot. The workflow itself carries schedule and slot as its idempotency key.
CREATE TABLE slots (
    schedule TEXT NOT NULL REFERENCES schedules (name) ON DELETE CASCADE,
    slot TEXT NOT NULL,
    at REAL NOT NULL,
    outcome TEXT NOT NULL,
    workflow TEXT,
    reason TEXT NOT NULL,
    decided_at REAL NOT NULL,
    PRIMARY KEY (schedule, slot)
) WITHOUT ROWID;
CREATE INDEX slots_by_time ON slots (schedule, at);

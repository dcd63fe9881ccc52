-- What was counted for metrics so far: it goes on when journals are removed. `labels` is a JSON list;
-- `amount`: of a counter, or of a histogram's observations; `sum`: of these, or the value of a gauge;
-- `buckets`: JSON, observations by the upper end of their bucket.
CREATE TABLE totals (
    metric TEXT NOT NULL,
    labels TEXT NOT NULL,
    amount REAL NOT NULL,
    sum REAL NOT NULL,
    buckets TEXT NOT NULL,
    PRIMARY KEY (metric, labels)
) WITHOUT ROWID;

-- The values of labels that are told apart: there is a limit to how many.
CREATE TABLE label_values (
    label TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (label, value)
) WITHOUT ROWID;

-- Up to which event a workflow is counted.
ALTER TABLE workflows ADD COLUMN counted INTEGER NOT NULL DEFAULT 0;

-- Each event carries the digest of itself and of the one before it, so that a row that was changed,
-- removed or moved is found. Rows from before this migration have none, but for the last of each
-- journal: its digest stands for all before it.
ALTER TABLE events ADD COLUMN hash BLOB;

-- What people and triggers did, for lists; few rows, so steps pay nothing for it.
CREATE INDEX events_of_people ON events (at) WHERE type = 'workflow_created' OR type = 'resumed'
    OR type = 'forced' OR type = 'lock_broken' OR type = 'pause_requested' OR type = 'unpaused'
    OR type = 'cancel_requested' OR type = 'completion_requested' OR type = 'resolved'
    OR type = 'approval_given' OR type = 'approval_rejected';

-- One chain for the whole store: what was done beside workflows (schedules, holds, removals), and
-- which digest the journal of each workflow had when it was made, when it came to rest and when it was
-- removed. So a journal that is missing, or shorter than it was, is found too.
CREATE TABLE actions (
    number INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    action TEXT NOT NULL,
    actor TEXT NOT NULL,
    subject TEXT NOT NULL,
    data TEXT NOT NULL,
    hash BLOB NOT NULL
);
CREATE INDEX actions_by_subject ON actions (subject, number);

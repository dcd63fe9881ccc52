-- Steps that wait for an event: its type and source, with `*` for any characters. A row is there from
-- the commit that begins the wait to the one that ends it, whatever becomes of the process.
CREATE TABLE event_waits (
    workflow INTEGER NOT NULL REFERENCES workflows (number),
    path TEXT NOT NULL,
    event TEXT NOT NULL,
    source TEXT,
    PRIMARY KEY (workflow, path)
) WITHOUT ROWID;

-- Events of the inbox that fit a wait, and which its workflow has not looked at. They are kept in the
-- inbox as long as they stand here.
CREATE TABLE event_offers (
    workflow INTEGER NOT NULL REFERENCES workflows (number),
    path TEXT NOT NULL,
    number INTEGER NOT NULL REFERENCES inbox (number),
    PRIMARY KEY (workflow, path, number)
) WITHOUT ROWID;
CREATE INDEX event_offers_by_number ON event_offers (number);

-- The last event that had arrived when the workflow was made: what came later arrived during it.
ALTER TABLE workflows ADD COLUMN inbox_mark INTEGER NOT NULL DEFAULT 0;
UPDATE workflows SET inbox_mark = (SELECT coalesce(max(number), 0) FROM inbox);

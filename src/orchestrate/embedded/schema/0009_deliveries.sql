-- Who is told of a workflow (integrations of its playbook), and of what: a JSON list. `failed_at`: when
-- it last ended badly.
CREATE TABLE subscriptions (
    workflow INTEGER NOT NULL REFERENCES workflows (number),
    integration TEXT NOT NULL,
    channel TEXT NOT NULL,
    events TEXT NOT NULL,
    failed_at REAL,
    PRIMARY KEY (workflow, integration)
) WITHOUT ROWID;

-- What is to be told: written with the event. waiting, then delivered, refused (the receiver never will
-- take it), given_up (it was tried for too long) or dropped (by somebody). What has one channel is
-- delivered in the order of the numbers. It is tried from `since` on, for some days. `held`: what keeps it
-- here, as JSON: variables that are not set.
CREATE TABLE deliveries (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    workflow INTEGER NOT NULL REFERENCES workflows (number),
    seq INTEGER NOT NULL,
    integration TEXT NOT NULL,
    channel TEXT NOT NULL,
    kind TEXT NOT NULL,
    recovered INTEGER NOT NULL,
    at REAL NOT NULL,
    since REAL NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting',
    attempts INTEGER NOT NULL DEFAULT 0,
    next_at REAL NOT NULL,
    error TEXT NOT NULL DEFAULT '',
    held TEXT NOT NULL DEFAULT '[]',
    settled_at REAL,
    UNIQUE (workflow, seq, integration)
);
CREATE INDEX deliveries_in_line ON deliveries (channel, number) WHERE state = 'waiting';
CREATE INDEX deliveries_failed ON deliveries (number) WHERE state IN ('refused', 'given_up');

-- What a service remembers, by channel and scope: the thread of a workflow, the issue that is open.
CREATE TABLE delivery_memories (
    channel TEXT NOT NULL,
    scope TEXT NOT NULL,
    body TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (channel, scope)
) WITHOUT ROWID;

-- How the last workflow of a playbook in an environment ended.
CREATE INDEX workflows_ended ON workflows (playbook, environment, finished_at)
    WHERE finished_at IS NOT NULL;

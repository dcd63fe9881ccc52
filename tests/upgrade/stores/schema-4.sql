BEGIN TRANSACTION;
CREATE TABLE counters (
    year INTEGER PRIMARY KEY,
    last INTEGER NOT NULL
);
INSERT INTO "counters" VALUES(2026,4);
CREATE TABLE events (
    workflow INTEGER NOT NULL REFERENCES workflows (number),
    seq INTEGER NOT NULL,
    at REAL NOT NULL,
    type TEXT NOT NULL,
    path TEXT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (workflow, seq)
) WITHOUT ROWID;
INSERT INTO "events" VALUES(1,1,1.79542568826994228367e+09,'workflow_created','','{"playbook":"waits","plan":"b7a0ae042ca3dade9b52f8db64eb0454f8a9f30d6fea7e697cdfcdd48b772f8a","environment":"dev","parameters":{},"secret_parameters":[],"variables":{},"env":{},"options":{"parallel":false,"max_parallel":16,"checkpoint_each":false,"timeout":null,"only":[],"skip":[],"step_by_step":false},"actor":"root","priority":"normal"}');
INSERT INTO "events" VALUES(1,2,1.79542568828434634213e+09,'owned','','{"epoch":1,"pid":17707,"host":"vm","boot_id":"a01c5a23-02ee-4051-8770-4445d8385656","started":55468.63,"supervisor":"17707-390ce1b2"}');
INSERT INTO "events" VALUES(1,3,1.79542568828691864006e+09,'workflow_started','','{"actor":"root"}');
INSERT INTO "events" VALUES(1,4,1.79542568828718662266e+09,'attempt_started','one','{"id":4,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW one\" >> effects","call_digest":"c114feb713a6316a425d3472ed537f6b","definition":"025a50c39b425a1c136b5a92481890aa3a2bb213e72be80523a91f6ba8755e7e"}');
INSERT INTO "events" VALUES(1,5,1.79542568830944967266e+09,'attempt_finished','one','{"id":4,"number":1,"status":"succeeded","exit_code":0,"started_at":1795425688.2983809,"finished_at":1795425688.3036237,"final":true}');
INSERT INTO "events" VALUES(1,6,1.79542568830963158608e+09,'attempt_started','two','{"id":6,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; until test -e go; do sleep 0.05; done","call_digest":"5135ff8c01c921e3ff78acb01f6772d3","definition":"b9cb1173b15970c413fc97d5ffbd66fe989827a4bf5557b03544dea95f0b04c1"}');
INSERT INTO "events" VALUES(1,7,1795425688.31859,'attempt_finished','two','{"id":6,"number":1,"status":"succeeded","exit_code":0,"started_at":1795425688.3138206,"finished_at":1795425688.318209,"final":true}');
INSERT INTO "events" VALUES(1,8,1.79542568831875848766e+09,'attempt_started','three','{"id":8,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW three\" >> effects","call_digest":"ceb18f495c140528ecb64c0696356047","definition":"4a8aaf3808b0aa1d7de08cb2fd8185097790e06a52bbc0be8df7630964bce9b5"}');
INSERT INTO "events" VALUES(1,9,1.79542568832720327376e+09,'attempt_finished','three','{"id":8,"number":1,"status":"succeeded","exit_code":0,"started_at":1795425688.3225427,"finished_at":1795425688.325751,"final":true}');
INSERT INTO "events" VALUES(1,10,1.79542568832741189e+09,'workflow_finished','','{"state":"succeeded"}');
INSERT INTO "events" VALUES(1,11,1.7954256883274412155e+09,'released','','{"epoch":1,"reason":"ended"}');
INSERT INTO "events" VALUES(2,1,1.79542568938320326807e+09,'workflow_created','','{"playbook":"fails","plan":"b7c46f81f8d4db39fd2088e7ad6fe22e36c3b4cd59677bc68eb46526f54014aa","environment":"dev","parameters":{},"secret_parameters":[],"variables":{},"env":{},"options":{"parallel":false,"max_parallel":16,"checkpoint_each":false,"timeout":null,"only":[],"skip":[],"step_by_step":false},"actor":"root","priority":"normal"}');
INSERT INTO "events" VALUES(2,2,1.79542568942164707185e+09,'owned','','{"epoch":1,"pid":18313,"host":"vm","boot_id":"a01c5a23-02ee-4051-8770-4445d8385656","started":55472.99,"supervisor":"18313-61e405e0"}');
INSERT INTO "events" VALUES(2,3,1.79542568943515515322e+09,'workflow_started','','{"actor":"root"}');
INSERT INTO "events" VALUES(2,4,1.79542568943535399438e+09,'attempt_started','one','{"id":4,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW one\" >> effects","call_digest":"c114feb713a6316a425d3472ed537f6b","definition":"025a50c39b425a1c136b5a92481890aa3a2bb213e72be80523a91f6ba8755e7e"}');
INSERT INTO "events" VALUES(2,5,1.79542568945939230926e+09,'attempt_finished','one','{"id":4,"number":1,"status":"succeeded","exit_code":0,"started_at":1795425689.4463043,"finished_at":1795425689.458602,"final":true}');
INSERT INTO "events" VALUES(2,6,1.79542568945963549611e+09,'attempt_started','two','{"id":6,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; test -e mended","call_digest":"6c41a541cba584334dc024743480ec3d","definition":"3ef9ae430ca1622336305d3b74866904dc7116dfb8ea8826ee7b0a1232b8be62"}');
INSERT INTO "events" VALUES(2,7,1.79542568947828912739e+09,'attempt_finished','two','{"id":6,"number":1,"status":"failed","exit_code":1,"message":"exit code 1","started_at":1795425689.4734054,"finished_at":1795425689.4754324,"final":true}');
INSERT INTO "events" VALUES(2,8,1.79542568947848892209e+09,'workflow_finished','','{"state":"failed","error":{"step":"two","message":"exit code 1","exit_code":1,"timed_out":false}}');
INSERT INTO "events" VALUES(2,9,1.79542568947852134702e+09,'released','','{"epoch":1,"reason":"ended"}');
INSERT INTO "events" VALUES(3,1,1.79542569013126325602e+09,'workflow_created','','{"playbook":"waits","plan":"b7a0ae042ca3dade9b52f8db64eb0454f8a9f30d6fea7e697cdfcdd48b772f8a","environment":"dev","parameters":{},"secret_parameters":[],"variables":{},"env":{},"options":{"parallel":false,"max_parallel":16,"checkpoint_each":false,"timeout":null,"only":[],"skip":[],"step_by_step":false},"actor":"root","priority":"normal"}');
INSERT INTO "events" VALUES(3,2,1.79542569016809391976e+09,'owned','','{"epoch":1,"pid":18499,"host":"vm","boot_id":"a01c5a23-02ee-4051-8770-4445d8385656","started":55474.21,"supervisor":"18499-fef1d034"}');
INSERT INTO "events" VALUES(3,3,1.79542569018638706202e+09,'workflow_started','','{"actor":"root"}');
INSERT INTO "events" VALUES(3,4,1.7954256901866419315e+09,'attempt_started','one','{"id":4,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW one\" >> effects","call_digest":"c114feb713a6316a425d3472ed537f6b","definition":"025a50c39b425a1c136b5a92481890aa3a2bb213e72be80523a91f6ba8755e7e"}');
INSERT INTO "events" VALUES(3,5,1.79542569020065736771e+09,'attempt_finished','one','{"id":4,"number":1,"status":"succeeded","exit_code":0,"started_at":1795425690.193681,"finished_at":1795425690.1999335,"final":true}');
INSERT INTO "events" VALUES(3,6,1.79542569020083427424e+09,'attempt_started','two','{"id":6,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; until test -e go; do sleep 0.05; done","call_digest":"5135ff8c01c921e3ff78acb01f6772d3","definition":"b9cb1173b15970c413fc97d5ffbd66fe989827a4bf5557b03544dea95f0b04c1"}');
INSERT INTO "events" VALUES(3,7,1.7954256907607283592e+09,'pause_requested','','{"actor":"root","now":false,"checkpoint":false}');
INSERT INTO "events" VALUES(3,8,1.79542569083660960189e+09,'attempt_finished','two','{"id":6,"number":1,"status":"succeeded","exit_code":0,"started_at":1795425690.2134233,"finished_at":1795425690.8360336,"final":true}');
INSERT INTO "events" VALUES(3,9,1.79542569083678102493e+09,'paused','','{}');
INSERT INTO "events" VALUES(4,1,1.79542569294189739226e+09,'workflow_created','','{"playbook":"waits","plan":"b7a0ae042ca3dade9b52f8db64eb0454f8a9f30d6fea7e697cdfcdd48b772f8a","environment":"dev","parameters":{},"secret_parameters":[],"variables":{},"env":{},"options":{"parallel":false,"max_parallel":16,"checkpoint_each":false,"timeout":null,"only":[],"skip":[],"step_by_step":false},"actor":"root","priority":"normal"}');
INSERT INTO "events" VALUES(4,2,1.79542569296469855305e+09,'owned','','{"epoch":1,"pid":18985,"host":"vm","boot_id":"a01c5a23-02ee-4051-8770-4445d8385656","started":55476.77,"supervisor":"18985-9c9c50e1"}');
INSERT INTO "events" VALUES(4,3,1795425693.04938,'workflow_started','','{"actor":"root"}');
INSERT INTO "events" VALUES(4,4,1.79542569304961514473e+09,'attempt_started','one','{"id":4,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW one\" >> effects","call_digest":"c114feb713a6316a425d3472ed537f6b","definition":"025a50c39b425a1c136b5a92481890aa3a2bb213e72be80523a91f6ba8755e7e"}');
INSERT INTO "events" VALUES(4,5,1.79542569315379118913e+09,'attempt_finished','one','{"id":4,"number":1,"status":"succeeded","exit_code":0,"started_at":1795425693.1087604,"finished_at":1795425693.1532185,"final":true}');
INSERT INTO "events" VALUES(4,6,1.79542569315400910379e+09,'attempt_started','two','{"id":6,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; until test -e go; do sleep 0.05; done","call_digest":"5135ff8c01c921e3ff78acb01f6772d3","definition":"b9cb1173b15970c413fc97d5ffbd66fe989827a4bf5557b03544dea95f0b04c1"}');
CREATE TABLE facts (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO "facts" VALUES('pruned_at','1795425688.3395374');
CREATE TABLE holds (
    number INTEGER PRIMARY KEY,
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,
    held_at REAL NOT NULL,
    released_at REAL,
    released_by TEXT
);
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
CREATE TABLE plans (
    number INTEGER PRIMARY KEY,
    checksum TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL
);
INSERT INTO "plans" VALUES(1,'58c5c721cda7daf76497282729b100ba6680fe8538f42f23840a6eb23d164d49','{"format":1,"files":["playbooks/waits.yaml"],"plan":{"name":"waits","description":"","version":null,"category":null,"tags":[],"parameters":[],"variables":{},"secrets":[],"environments":null,"timeout":null,"cleanup_timeout":600.0,"checkpoint":false,"steps":[["one","025a50c39b425a1c136b5a92481890aa3a2bb213e72be80523a91f6ba8755e7e",[0,3,5],["shell","echo \"$ORCHESTRATE_WORKFLOW one\" >> effects",{},"echo \"$ORCHESTRATE_WORKFLOW one\" >> effects"],{"name":"one"}],["two","b9cb1173b15970c413fc97d5ffbd66fe989827a4bf5557b03544dea95f0b04c1",[0,5,5],["shell","echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; until test -e go; do sleep 0.05; done",{},"echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; until test -e go; do sleep 0.05; done"],{"name":"two","idempotent":true}],["three","4a8aaf3808b0aa1d7de08cb2fd8185097790e06a52bbc0be8df7630964bce9b5",[0,8,5],["shell","echo \"$ORCHESTRATE_WORKFLOW three\" >> effects",{},"echo \"$ORCHESTRATE_WORKFLOW three\" >> effects"],{"name":"three"}]],"on_failure":[],"on_success":[],"always":[],"outputs":{},"env_names":[],"digest":"b7a0ae042ca3dade9b52f8db64eb0454f8a9f30d6fea7e697cdfcdd48b772f8a","sources":[["playbooks/waits.yaml","eff313c25250a054bbb56c25870ebd8ecdf38170c651db703174d9f4f42cefdc"]],"warnings":[],"triggers":[],"priority":"normal","concurrency":null,"require_success_in":[]}}');
INSERT INTO "plans" VALUES(2,'794e5046a551c3c22c342ebb720e392d40d8a78ae566a9df38ee723bc94f5a58','{"format":1,"files":["playbooks/fails.yaml"],"plan":{"name":"fails","description":"","version":null,"category":null,"tags":[],"parameters":[],"variables":{},"secrets":[],"environments":null,"timeout":null,"cleanup_timeout":600.0,"checkpoint":false,"steps":[["one","025a50c39b425a1c136b5a92481890aa3a2bb213e72be80523a91f6ba8755e7e",[0,3,5],["shell","echo \"$ORCHESTRATE_WORKFLOW one\" >> effects",{},"echo \"$ORCHESTRATE_WORKFLOW one\" >> effects"],{"name":"one"}],["two","3ef9ae430ca1622336305d3b74866904dc7116dfb8ea8826ee7b0a1232b8be62",[0,5,5],["shell","echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; test -e mended",{},"echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; test -e mended"],{"name":"two","idempotent":true}],["three","4a8aaf3808b0aa1d7de08cb2fd8185097790e06a52bbc0be8df7630964bce9b5",[0,8,5],["shell","echo \"$ORCHESTRATE_WORKFLOW three\" >> effects",{},"echo \"$ORCHESTRATE_WORKFLOW three\" >> effects"],{"name":"three"}]],"on_failure":[],"on_success":[],"always":[],"outputs":{},"env_names":[],"digest":"b7c46f81f8d4db39fd2088e7ad6fe22e36c3b4cd59677bc68eb46526f54014aa","sources":[["playbooks/fails.yaml","ee641a73f8e51c92c3ceb44a7f07ed2161b88d542397afff1216e23087afd879"]],"warnings":[],"triggers":[],"priority":"normal","concurrency":null,"require_success_in":[]}}');
CREATE TABLE rate_tokens (
    workflow INTEGER NOT NULL REFERENCES workflows (number),
    attempt INTEGER NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (workflow, attempt)
) WITHOUT ROWID;
CREATE TABLE rates (
    name TEXT PRIMARY KEY,
    due REAL NOT NULL,
    seen REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE requests (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    workflow INTEGER NOT NULL REFERENCES workflows (number),
    at REAL NOT NULL,
    verb TEXT NOT NULL,
    arguments TEXT NOT NULL,
    socket TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending',
    answer TEXT NOT NULL DEFAULT ''
);
INSERT INTO "requests" VALUES(1,3,1.79542569074843502046e+09,'pause','{"actor":"root","now":false,"checkpoint":false}','18645-95a850d1','done','null');
CREATE TABLE schedules (
    name TEXT PRIMARY KEY,
    body TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    decided_until REAL NOT NULL,
    next_due REAL
);
INSERT INTO "schedules" VALUES('fails','{"name": "fails", "playbook": "fails", "cron": "0 2 * * *", "zone": "Etc/UTC", "environment": null, "parameters": {}, "actor": "root", "dst": "run-once", "catch_up": "latest", "overlap": "skip", "jitter": 0.0, "declared_in": null}',0,1.79542569163106226918e+09,NULL);
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
CREATE TABLE waiters (
    workflow INTEGER PRIMARY KEY REFERENCES workflows (number),
    pid INTEGER NOT NULL,
    started REAL NOT NULL,
    boot TEXT NOT NULL,
    host TEXT NOT NULL,
    socket TEXT NOT NULL
, since REAL NOT NULL DEFAULT 0, rank REAL NOT NULL DEFAULT 0);
CREATE TABLE watched (
    watch TEXT NOT NULL,
    path TEXT NOT NULL,
    mtime INTEGER NOT NULL,
    size INTEGER NOT NULL,
    PRIMARY KEY (watch, path)
) WITHOUT ROWID;
CREATE TABLE workflows (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    playbook TEXT NOT NULL,
    plan INTEGER NOT NULL REFERENCES plans (number),
    state TEXT NOT NULL,
    environment TEXT NOT NULL,
    parameters TEXT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    created_at REAL NOT NULL,
    started_at REAL,
    finished_at REAL,
    resume_at REAL,
    idempotency_key TEXT UNIQUE,
    last_seq INTEGER NOT NULL,
    epoch INTEGER NOT NULL DEFAULT 0,
    owner_pid INTEGER,
    owner_started REAL,
    owner_boot TEXT,
    owner_host TEXT,
    owner_socket TEXT
, priority TEXT NOT NULL DEFAULT 'normal', concurrency TEXT, overlap TEXT, overrides TEXT NOT NULL DEFAULT '{}');
INSERT INTO "workflows" VALUES(1,'WF-2026-001','waits',1,'succeeded','dev','{}','root','',1.79542568826994228367e+09,1.79542568828691864006e+09,1.79542568832741189e+09,NULL,NULL,11,1,NULL,NULL,NULL,NULL,NULL,'normal',NULL,NULL,'{}');
INSERT INTO "workflows" VALUES(2,'WF-2026-002','fails',2,'failed','dev','{}','root','exit code 1',1.79542568938320326807e+09,1.79542568943515515322e+09,1.79542568947848892209e+09,NULL,NULL,9,1,NULL,NULL,NULL,NULL,NULL,'normal',NULL,NULL,'{}');
INSERT INTO "workflows" VALUES(3,'WF-2026-003','waits',1,'paused','dev','{}','root','',1.79542569013126325602e+09,1.79542569018638706202e+09,NULL,NULL,NULL,9,1,18499,55474.21,'a01c5a23-02ee-4051-8770-4445d8385656','vm pid:[4026531836]','18499-a5284f2f','normal',NULL,NULL,'{}');
INSERT INTO "workflows" VALUES(4,'WF-2026-004','waits',1,'running','dev','{}','root','',1.79542569294189739226e+09,1795425693.04938,NULL,NULL,NULL,6,1,18985,55476.77,'a01c5a23-02ee-4051-8770-4445d8385656','vm pid:[4026531836]','18985-e98a0bdb','normal',NULL,NULL,'{}');
CREATE INDEX workflows_by_state ON workflows (state, number);
CREATE INDEX workflows_by_playbook ON workflows (playbook, number);
CREATE INDEX workflows_by_end ON workflows (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX workflows_owned ON workflows (number) WHERE owner_pid IS NOT NULL;
CREATE INDEX requests_pending ON requests (workflow, number) WHERE state = 'pending';
CREATE INDEX schedules_due ON schedules (next_due) WHERE next_due IS NOT NULL;
CREATE INDEX slots_by_time ON slots (schedule, at);
CREATE INDEX workflows_in_group ON workflows (concurrency, state) WHERE concurrency IS NOT NULL;
CREATE INDEX waiters_by_rank ON waiters (rank, workflow);
CREATE INDEX holds_open ON holds (number) WHERE released_at IS NULL;
CREATE INDEX inbox_by_state ON inbox (state, number);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('requests',1);
COMMIT;
PRAGMA user_version=4;

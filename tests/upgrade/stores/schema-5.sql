BEGIN TRANSACTION;
CREATE TABLE claims (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    workflow INTEGER NOT NULL REFERENCES workflows (number),
    path TEXT NOT NULL,
    state TEXT NOT NULL,
    since REAL NOT NULL,
    locks TEXT NOT NULL,
    resources TEXT NOT NULL,
    tokens TEXT NOT NULL DEFAULT '{}',
    recorded INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    blockers TEXT NOT NULL DEFAULT '[]',
    UNIQUE (workflow, path)
);
INSERT INTO "claims" VALUES(2,3,'','held',1.79542589720027852056e+09,'{"db": false}','{}','{"db": 2}',1,'','[]');
INSERT INTO "claims" VALUES(3,4,'','held',1.79542589954768800732e+09,'{"other": false}','{}','{"other": 1}',1,'','[]');
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
INSERT INTO "events" VALUES(1,1,1.79542589510211038589e+09,'workflow_created','','{"playbook":"waits","plan":"788ad72bbb0690a19ea1b8a1f023cadef2fde54db7def960bf1e57dd22454a0f","environment":"dev","parameters":{},"secret_parameters":[],"variables":{},"env":{},"options":{"parallel":false,"max_parallel":16,"checkpoint_each":false,"timeout":null,"only":[],"skip":[],"step_by_step":false},"actor":"root","priority":"normal"}');
INSERT INTO "events" VALUES(1,2,1.79542589511796784403e+09,'owned','','{"epoch":1,"pid":28387,"host":"vm","boot_id":"a01c5a23-02ee-4051-8770-4445d8385656","started":55678.14,"supervisor":"28387-1e5ed4e6"}');
INSERT INTO "events" VALUES(1,3,1.79542589512952971463e+09,'workflow_started','','{"actor":"root"}');
INSERT INTO "events" VALUES(1,4,1.79542589513114833827e+09,'decided','','{"subject":"claim","value":{"locks":{"db":[false,"wait",null]},"resources":{}}}');
INSERT INTO "events" VALUES(1,5,1.79542589516931486125e+09,'claimed','','{"tokens":{"db":1},"waited":0.03812885284423828}');
INSERT INTO "events" VALUES(1,6,1.795425895169467926e+09,'attempt_started','one','{"id":6,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW one\" >> effects","call_digest":"c114feb713a6316a425d3472ed537f6b","definition":"025a50c39b425a1c136b5a92481890aa3a2bb213e72be80523a91f6ba8755e7e"}');
INSERT INTO "events" VALUES(1,7,1.79542589522641205792e+09,'attempt_finished','one','{"id":6,"number":1,"status":"succeeded","exit_code":0,"started_at":1795425895.2213452,"finished_at":1795425895.226005,"final":true}');
INSERT INTO "events" VALUES(1,8,1.7954258952266094685e+09,'attempt_started','two','{"id":8,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; until test -e go; do sleep 0.05; done","call_digest":"5135ff8c01c921e3ff78acb01f6772d3","definition":"b9cb1173b15970c413fc97d5ffbd66fe989827a4bf5557b03544dea95f0b04c1"}');
INSERT INTO "events" VALUES(1,9,1.79542589524089145659e+09,'attempt_finished','two','{"id":8,"number":1,"status":"succeeded","exit_code":0,"started_at":1795425895.2373648,"finished_at":1795425895.240606,"final":true}');
INSERT INTO "events" VALUES(1,10,1.79542589524113798144e+09,'attempt_started','three','{"id":10,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW three\" >> effects","call_digest":"ceb18f495c140528ecb64c0696356047","definition":"4a8aaf3808b0aa1d7de08cb2fd8185097790e06a52bbc0be8df7630964bce9b5"}');
INSERT INTO "events" VALUES(1,11,1.79542589525481963153e+09,'attempt_finished','three','{"id":10,"number":1,"status":"succeeded","exit_code":0,"started_at":1795425895.2536252,"finished_at":1795425895.2545707,"final":true}');
INSERT INTO "events" VALUES(1,12,1.79542589525491809842e+09,'claim_released','','{"tokens":{"db":1}}');
INSERT INTO "events" VALUES(1,13,1.79542589525495958329e+09,'workflow_finished','','{"state":"succeeded"}');
INSERT INTO "events" VALUES(1,14,1.79542589525497865675e+09,'released','','{"epoch":1,"reason":"ended"}');
INSERT INTO "events" VALUES(2,1,1.79542589605849313731e+09,'workflow_created','','{"playbook":"fails","plan":"b7c46f81f8d4db39fd2088e7ad6fe22e36c3b4cd59677bc68eb46526f54014aa","environment":"dev","parameters":{},"secret_parameters":[],"variables":{},"env":{},"options":{"parallel":false,"max_parallel":16,"checkpoint_each":false,"timeout":null,"only":[],"skip":[],"step_by_step":false},"actor":"root","priority":"normal"}');
INSERT INTO "events" VALUES(2,2,1.79542589610728216169e+09,'owned','','{"epoch":1,"pid":28777,"host":"vm","boot_id":"a01c5a23-02ee-4051-8770-4445d8385656","started":55679.91,"supervisor":"28777-1c829108"}');
INSERT INTO "events" VALUES(2,3,1.7954258961382439136e+09,'workflow_started','','{"actor":"root"}');
INSERT INTO "events" VALUES(2,4,1.79542589613844394682e+09,'attempt_started','one','{"id":4,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW one\" >> effects","call_digest":"c114feb713a6316a425d3472ed537f6b","definition":"025a50c39b425a1c136b5a92481890aa3a2bb213e72be80523a91f6ba8755e7e"}');
INSERT INTO "events" VALUES(2,5,1.79542589617856359479e+09,'attempt_finished','one','{"id":4,"number":1,"status":"succeeded","exit_code":0,"started_at":1795425896.173554,"finished_at":1795425896.1781116,"final":true}');
INSERT INTO "events" VALUES(2,6,1.79542589617875814438e+09,'attempt_started','two','{"id":6,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; test -e mended","call_digest":"6c41a541cba584334dc024743480ec3d","definition":"3ef9ae430ca1622336305d3b74866904dc7116dfb8ea8826ee7b0a1232b8be62"}');
INSERT INTO "events" VALUES(2,7,1.79542589625502252577e+09,'attempt_finished','two','{"id":6,"number":1,"status":"failed","exit_code":1,"message":"exit code 1","started_at":1795425896.1807578,"finished_at":1795425896.193305,"final":true}');
INSERT INTO "events" VALUES(2,8,1.7954258962551519871e+09,'workflow_finished','','{"state":"failed","error":{"step":"two","message":"exit code 1","exit_code":1,"timed_out":false}}');
INSERT INTO "events" VALUES(2,9,1.79542589625517916675e+09,'released','','{"epoch":1,"reason":"ended"}');
INSERT INTO "events" VALUES(3,1,1.79542589703855752945e+09,'workflow_created','','{"playbook":"waits","plan":"788ad72bbb0690a19ea1b8a1f023cadef2fde54db7def960bf1e57dd22454a0f","environment":"dev","parameters":{},"secret_parameters":[],"variables":{},"env":{},"options":{"parallel":false,"max_parallel":16,"checkpoint_each":false,"timeout":null,"only":[],"skip":[],"step_by_step":false},"actor":"root","priority":"normal"}');
INSERT INTO "events" VALUES(3,2,1.79542589717773962022e+09,'owned','','{"epoch":1,"pid":29008,"host":"vm","boot_id":"a01c5a23-02ee-4051-8770-4445d8385656","started":55681.04,"supervisor":"29008-d2d95b1d"}');
INSERT INTO "events" VALUES(3,3,1.79542589718027782437e+09,'workflow_started','','{"actor":"root"}');
INSERT INTO "events" VALUES(3,4,1.79542589718070912359e+09,'decided','','{"subject":"claim","value":{"locks":{"db":[false,"wait",null]},"resources":{}}}');
INSERT INTO "events" VALUES(3,5,1.79542589721233391761e+09,'claimed','','{"tokens":{"db":2},"waited":0.03158164024353027}');
INSERT INTO "events" VALUES(3,6,1.79542589721260476107e+09,'attempt_started','one','{"id":6,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW one\" >> effects","call_digest":"c114feb713a6316a425d3472ed537f6b","definition":"025a50c39b425a1c136b5a92481890aa3a2bb213e72be80523a91f6ba8755e7e"}');
INSERT INTO "events" VALUES(3,7,1.79542589722225356106e+09,'attempt_finished','one','{"id":6,"number":1,"status":"succeeded","exit_code":0,"started_at":1795425897.2164845,"finished_at":1795425897.2199078,"final":true}');
INSERT INTO "events" VALUES(3,8,1.7954258972224915028e+09,'attempt_started','two','{"id":8,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; until test -e go; do sleep 0.05; done","call_digest":"5135ff8c01c921e3ff78acb01f6772d3","definition":"b9cb1173b15970c413fc97d5ffbd66fe989827a4bf5557b03544dea95f0b04c1"}');
INSERT INTO "events" VALUES(3,9,1.79542589801346158984e+09,'pause_requested','','{"actor":"root","now":false,"checkpoint":false}');
INSERT INTO "events" VALUES(3,10,1.79542589804696583752e+09,'attempt_finished','two','{"id":8,"number":1,"status":"succeeded","exit_code":0,"started_at":1795425897.2264214,"finished_at":1795425898.0456724,"final":true}');
INSERT INTO "events" VALUES(3,11,1.79542589804713559149e+09,'paused','','{}');
INSERT INTO "events" VALUES(4,1,1.79542589948916292193e+09,'workflow_created','','{"playbook":"waits","plan":"95f5a41a20898b922457eea56771f624c429d2cafe93e4fc9d17f3367f104f03","environment":"dev","parameters":{},"secret_parameters":[],"variables":{},"env":{},"options":{"parallel":false,"max_parallel":16,"checkpoint_each":false,"timeout":null,"only":[],"skip":[],"step_by_step":false},"actor":"root","priority":"normal"}');
INSERT INTO "events" VALUES(4,2,1.79542589954371380805e+09,'owned','','{"epoch":1,"pid":29474,"host":"vm","boot_id":"a01c5a23-02ee-4051-8770-4445d8385656","started":55683.17,"supervisor":"29474-1687b680"}');
INSERT INTO "events" VALUES(4,3,1.79542589954550862313e+09,'workflow_started','','{"actor":"root"}');
INSERT INTO "events" VALUES(4,4,1.79542589954595470424e+09,'decided','','{"subject":"claim","value":{"locks":{"other":[false,"wait",null]},"resources":{}}}');
INSERT INTO "events" VALUES(4,5,1.79542589954972386361e+09,'claimed','','{"tokens":{"other":1},"waited":0.003733396530151367}');
INSERT INTO "events" VALUES(4,6,1.79542589954985976215e+09,'attempt_started','one','{"id":6,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW one\" >> effects","call_digest":"c114feb713a6316a425d3472ed537f6b","definition":"025a50c39b425a1c136b5a92481890aa3a2bb213e72be80523a91f6ba8755e7e"}');
INSERT INTO "events" VALUES(4,7,1.79542589958236217502e+09,'attempt_finished','one','{"id":6,"number":1,"status":"succeeded","exit_code":0,"started_at":1795425899.570179,"finished_at":1795425899.579658,"final":true}');
INSERT INTO "events" VALUES(4,8,1.79542589958255171776e+09,'attempt_started','two','{"id":8,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; until test -e go; do sleep 0.05; done","call_digest":"5135ff8c01c921e3ff78acb01f6772d3","definition":"b9cb1173b15970c413fc97d5ffbd66fe989827a4bf5557b03544dea95f0b04c1"}');
CREATE TABLE facts (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO "facts" VALUES('pruned_at','1795425895.2565136');
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
CREATE TABLE lock_tokens (
    lock TEXT PRIMARY KEY,
    last INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO "lock_tokens" VALUES('db',2);
INSERT INTO "lock_tokens" VALUES('other',1);
CREATE TABLE plans (
    number INTEGER PRIMARY KEY,
    checksum TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL
);
INSERT INTO "plans" VALUES(1,'85d5f89ce16e7a96416c4761b532f981f45a891e11c184ff8f4bba4355de7452','{"format":1,"files":["playbooks/waits.yaml"],"plan":{"name":"waits","description":"","version":null,"category":null,"tags":[],"parameters":[],"variables":{},"secrets":[],"environments":null,"timeout":null,"cleanup_timeout":600.0,"checkpoint":false,"steps":[["one","025a50c39b425a1c136b5a92481890aa3a2bb213e72be80523a91f6ba8755e7e",[0,4,5],["shell","echo \"$ORCHESTRATE_WORKFLOW one\" >> effects",{},"echo \"$ORCHESTRATE_WORKFLOW one\" >> effects"],{"name":"one"}],["two","b9cb1173b15970c413fc97d5ffbd66fe989827a4bf5557b03544dea95f0b04c1",[0,6,5],["shell","echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; until test -e go; do sleep 0.05; done",{},"echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; until test -e go; do sleep 0.05; done"],{"name":"two","idempotent":true}],["three","4a8aaf3808b0aa1d7de08cb2fd8185097790e06a52bbc0be8df7630964bce9b5",[0,9,5],["shell","echo \"$ORCHESTRATE_WORKFLOW three\" >> effects",{},"echo \"$ORCHESTRATE_WORKFLOW three\" >> effects"],{"name":"three"}]],"on_failure":[],"on_success":[],"always":[],"outputs":{},"env_names":[],"digest":"788ad72bbb0690a19ea1b8a1f023cadef2fde54db7def960bf1e57dd22454a0f","sources":[["playbooks/waits.yaml","3eea07cc3afa548e7a53f29afdadd635c3648e3c7a3598f7cb9e21571a1cb5eb"]],"warnings":[],"priority":"normal","concurrency":null,"require_success_in":[],"locks":[["db",false,null,"wait",[0,1,9]]],"resources":[],"triggers":[]}}');
INSERT INTO "plans" VALUES(2,'5dab4ccc0d392f0853e0e62254b2f1c104323d89077e17c8fb20176c61090b84','{"format":1,"files":["playbooks/fails.yaml"],"plan":{"name":"fails","description":"","version":null,"category":null,"tags":[],"parameters":[],"variables":{},"secrets":[],"environments":null,"timeout":null,"cleanup_timeout":600.0,"checkpoint":false,"steps":[["one","025a50c39b425a1c136b5a92481890aa3a2bb213e72be80523a91f6ba8755e7e",[0,3,5],["shell","echo \"$ORCHESTRATE_WORKFLOW one\" >> effects",{},"echo \"$ORCHESTRATE_WORKFLOW one\" >> effects"],{"name":"one"}],["two","3ef9ae430ca1622336305d3b74866904dc7116dfb8ea8826ee7b0a1232b8be62",[0,5,5],["shell","echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; test -e mended",{},"echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; test -e mended"],{"name":"two","idempotent":true}],["three","4a8aaf3808b0aa1d7de08cb2fd8185097790e06a52bbc0be8df7630964bce9b5",[0,8,5],["shell","echo \"$ORCHESTRATE_WORKFLOW three\" >> effects",{},"echo \"$ORCHESTRATE_WORKFLOW three\" >> effects"],{"name":"three"}]],"on_failure":[],"on_success":[],"always":[],"outputs":{},"env_names":[],"digest":"b7c46f81f8d4db39fd2088e7ad6fe22e36c3b4cd59677bc68eb46526f54014aa","sources":[["playbooks/fails.yaml","ee641a73f8e51c92c3ceb44a7f07ed2161b88d542397afff1216e23087afd879"]],"warnings":[],"priority":"normal","concurrency":null,"require_success_in":[],"locks":[],"resources":[],"triggers":[]}}');
INSERT INTO "plans" VALUES(3,'f61ed9d6b436dbf8a286a73285a6e757f2310181523b5c0968c4dfd66c49efca','{"format":1,"files":["playbooks/waits.yaml"],"plan":{"name":"waits","description":"","version":null,"category":null,"tags":[],"parameters":[],"variables":{},"secrets":[],"environments":null,"timeout":null,"cleanup_timeout":600.0,"checkpoint":false,"steps":[["one","025a50c39b425a1c136b5a92481890aa3a2bb213e72be80523a91f6ba8755e7e",[0,4,5],["shell","echo \"$ORCHESTRATE_WORKFLOW one\" >> effects",{},"echo \"$ORCHESTRATE_WORKFLOW one\" >> effects"],{"name":"one"}],["two","b9cb1173b15970c413fc97d5ffbd66fe989827a4bf5557b03544dea95f0b04c1",[0,6,5],["shell","echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; until test -e go; do sleep 0.05; done",{},"echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; until test -e go; do sleep 0.05; done"],{"name":"two","idempotent":true}],["three","4a8aaf3808b0aa1d7de08cb2fd8185097790e06a52bbc0be8df7630964bce9b5",[0,9,5],["shell","echo \"$ORCHESTRATE_WORKFLOW three\" >> effects",{},"echo \"$ORCHESTRATE_WORKFLOW three\" >> effects"],{"name":"three"}]],"on_failure":[],"on_success":[],"always":[],"outputs":{},"env_names":[],"digest":"95f5a41a20898b922457eea56771f624c429d2cafe93e4fc9d17f3367f104f03","sources":[["playbooks/waits.yaml","6adfa3e665322cd860690aa6cde3aa63eddd42be09198b74aaee3da1461708c2"]],"warnings":[],"priority":"normal","concurrency":null,"require_success_in":[],"locks":[["other",false,null,"wait",[0,1,9]]],"resources":[],"triggers":[]}}');
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
INSERT INTO "requests" VALUES(1,3,1.79542589795812869077e+09,'pause','{"actor":"root","now":false,"checkpoint":false}','29178-46f02659','done','null');
CREATE TABLE schedules (
    name TEXT PRIMARY KEY,
    body TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    decided_until REAL NOT NULL,
    next_due REAL
);
INSERT INTO "schedules" VALUES('fails','{"name": "fails", "playbook": "fails", "cron": "0 2 * * *", "zone": "Etc/UTC", "environment": null, "parameters": {}, "actor": "root", "dst": "run-once", "catch_up": "latest", "overlap": "skip", "jitter": 0.0, "declared_in": null}',0,1.79542589834032273289e+09,NULL);
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
INSERT INTO "workflows" VALUES(1,'WF-2026-001','waits',1,'succeeded','dev','{}','root','',1.79542589510211038589e+09,1.79542589512952971463e+09,1.79542589525495958329e+09,NULL,NULL,14,1,NULL,NULL,NULL,NULL,NULL,'normal',NULL,NULL,'{}');
INSERT INTO "workflows" VALUES(2,'WF-2026-002','fails',2,'failed','dev','{}','root','exit code 1',1.79542589605849313731e+09,1.7954258961382439136e+09,1.7954258962551519871e+09,NULL,NULL,9,1,NULL,NULL,NULL,NULL,NULL,'normal',NULL,NULL,'{}');
INSERT INTO "workflows" VALUES(3,'WF-2026-003','waits',1,'paused','dev','{}','root','',1.79542589703855752945e+09,1.79542589718027782437e+09,NULL,NULL,NULL,11,1,29008,55681.04,'a01c5a23-02ee-4051-8770-4445d8385656','vm pid:[4026531836]','29008-31d27a0b','normal',NULL,NULL,'{}');
INSERT INTO "workflows" VALUES(4,'WF-2026-004','waits',3,'running','dev','{}','root','',1.79542589948916292193e+09,1.79542589954550862313e+09,NULL,NULL,NULL,8,1,29474,55683.17,'a01c5a23-02ee-4051-8770-4445d8385656','vm pid:[4026531836]','29474-4a84d967','normal',NULL,NULL,'{}');
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
INSERT INTO "sqlite_sequence" VALUES('claims',3);
INSERT INTO "sqlite_sequence" VALUES('requests',1);
COMMIT;
PRAGMA user_version=5;

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
INSERT INTO "events" VALUES(1,1,1.79542564803921031956e+09,'workflow_created','','{"playbook":"waits","plan":"b7a0ae042ca3dade9b52f8db64eb0454f8a9f30d6fea7e697cdfcdd48b772f8a","environment":"dev","parameters":{},"secret_parameters":[],"variables":{},"env":{},"options":{"parallel":false,"max_parallel":16,"checkpoint_each":false,"timeout":null,"only":[],"skip":[],"step_by_step":false},"actor":"root"}');
INSERT INTO "events" VALUES(1,2,1.79542564813348674767e+09,'owned','','{"epoch":1,"pid":12062,"host":"vm","boot_id":"a01c5a23-02ee-4051-8770-4445d8385656","started":55430.26,"supervisor":"12062-dda8dcee"}');
INSERT INTO "events" VALUES(1,3,1.79542564814000797264e+09,'workflow_started','','{"actor":"root"}');
INSERT INTO "events" VALUES(1,4,1.79542564814023089406e+09,'attempt_started','one','{"id":4,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW one\" >> effects","call_digest":"c114feb713a6316a425d3472ed537f6b","definition":"025a50c39b425a1c136b5a92481890aa3a2bb213e72be80523a91f6ba8755e7e"}');
INSERT INTO "events" VALUES(1,5,1.79542564817799973485e+09,'attempt_finished','one','{"id":4,"number":1,"status":"succeeded","exit_code":0,"started_at":1795425648.1596582,"finished_at":1795425648.1775012,"final":true}');
INSERT INTO "events" VALUES(1,6,1795425648.17816,'attempt_started','two','{"id":6,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; until test -e go; do sleep 0.05; done","call_digest":"5135ff8c01c921e3ff78acb01f6772d3","definition":"b9cb1173b15970c413fc97d5ffbd66fe989827a4bf5557b03544dea95f0b04c1"}');
INSERT INTO "events" VALUES(1,7,1.79542564819877672197e+09,'attempt_finished','two','{"id":6,"number":1,"status":"succeeded","exit_code":0,"started_at":1795425648.193738,"finished_at":1795425648.1984105,"final":true}');
INSERT INTO "events" VALUES(1,8,1.79542564819892954829e+09,'attempt_started','three','{"id":8,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW three\" >> effects","call_digest":"ceb18f495c140528ecb64c0696356047","definition":"4a8aaf3808b0aa1d7de08cb2fd8185097790e06a52bbc0be8df7630964bce9b5"}');
INSERT INTO "events" VALUES(1,9,1.79542564821850562095e+09,'attempt_finished','three','{"id":8,"number":1,"status":"succeeded","exit_code":0,"started_at":1795425648.2133422,"finished_at":1795425648.218125,"final":true}');
INSERT INTO "events" VALUES(1,10,1.79542564821863031383e+09,'workflow_finished','','{"state":"succeeded"}');
INSERT INTO "events" VALUES(1,11,1.79542564821865534784e+09,'released','','{"epoch":1,"reason":"ended"}');
INSERT INTO "events" VALUES(2,1,1.79542564929093289381e+09,'workflow_created','','{"playbook":"fails","plan":"b7c46f81f8d4db39fd2088e7ad6fe22e36c3b4cd59677bc68eb46526f54014aa","environment":"dev","parameters":{},"secret_parameters":[],"variables":{},"env":{},"options":{"parallel":false,"max_parallel":16,"checkpoint_each":false,"timeout":null,"only":[],"skip":[],"step_by_step":false},"actor":"root"}');
INSERT INTO "events" VALUES(2,2,1.79542564932011985785e+09,'owned','','{"epoch":1,"pid":12296,"host":"vm","boot_id":"a01c5a23-02ee-4051-8770-4445d8385656","started":55432.9,"supervisor":"12296-ed87494c"}');
INSERT INTO "events" VALUES(2,3,1.79542564933373236654e+09,'workflow_started','','{"actor":"root"}');
INSERT INTO "events" VALUES(2,4,1.79542564933402371408e+09,'attempt_started','one','{"id":4,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW one\" >> effects","call_digest":"c114feb713a6316a425d3472ed537f6b","definition":"025a50c39b425a1c136b5a92481890aa3a2bb213e72be80523a91f6ba8755e7e"}');
INSERT INTO "events" VALUES(2,5,1.79542564934999227519e+09,'attempt_finished','one','{"id":4,"number":1,"status":"succeeded","exit_code":0,"started_at":1795425649.3421104,"finished_at":1795425649.349473,"final":true}');
INSERT INTO "events" VALUES(2,6,1.79542564935015320779e+09,'attempt_started','two','{"id":6,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; test -e mended","call_digest":"6c41a541cba584334dc024743480ec3d","definition":"3ef9ae430ca1622336305d3b74866904dc7116dfb8ea8826ee7b0a1232b8be62"}');
INSERT INTO "events" VALUES(2,7,1.79542564935857892035e+09,'attempt_finished','two','{"id":6,"number":1,"status":"failed","exit_code":1,"message":"exit code 1","started_at":1795425649.3532941,"finished_at":1795425649.358148,"final":true}');
INSERT INTO "events" VALUES(2,8,1.79542564935873818392e+09,'workflow_finished','','{"state":"failed","error":{"step":"two","message":"exit code 1","exit_code":1,"timed_out":false}}');
INSERT INTO "events" VALUES(2,9,1.795425649358761549e+09,'released','','{"epoch":1,"reason":"ended"}');
INSERT INTO "events" VALUES(3,1,1795425650.03347,'workflow_created','','{"playbook":"waits","plan":"b7a0ae042ca3dade9b52f8db64eb0454f8a9f30d6fea7e697cdfcdd48b772f8a","environment":"dev","parameters":{},"secret_parameters":[],"variables":{},"env":{},"options":{"parallel":false,"max_parallel":16,"checkpoint_each":false,"timeout":null,"only":[],"skip":[],"step_by_step":false},"actor":"root"}');
INSERT INTO "events" VALUES(3,2,1.79542565007575297356e+09,'owned','','{"epoch":1,"pid":12398,"host":"vm","boot_id":"a01c5a23-02ee-4051-8770-4445d8385656","started":55434.12,"supervisor":"12398-96d7fe03"}');
INSERT INTO "events" VALUES(3,3,1.7954256500807082653e+09,'workflow_started','','{"actor":"root"}');
INSERT INTO "events" VALUES(3,4,1.79542565008092236521e+09,'attempt_started','one','{"id":4,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW one\" >> effects","call_digest":"c114feb713a6316a425d3472ed537f6b","definition":"025a50c39b425a1c136b5a92481890aa3a2bb213e72be80523a91f6ba8755e7e"}');
INSERT INTO "events" VALUES(3,5,1.79542565011785912516e+09,'attempt_finished','one','{"id":4,"number":1,"status":"succeeded","exit_code":0,"started_at":1795425650.098343,"finished_at":1795425650.1174016,"final":true}');
INSERT INTO "events" VALUES(3,6,1.79542565011801695824e+09,'attempt_started','two','{"id":6,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; until test -e go; do sleep 0.05; done","call_digest":"5135ff8c01c921e3ff78acb01f6772d3","definition":"b9cb1173b15970c413fc97d5ffbd66fe989827a4bf5557b03544dea95f0b04c1"}');
INSERT INTO "events" VALUES(3,7,1.79542565065018796923e+09,'pause_requested','','{"actor":"root","now":false,"checkpoint":false}');
INSERT INTO "events" VALUES(3,8,1.79542565069524264332e+09,'attempt_finished','two','{"id":6,"number":1,"status":"succeeded","exit_code":0,"started_at":1795425650.1305485,"finished_at":1795425650.694781,"final":true}');
INSERT INTO "events" VALUES(3,9,1.79542565069537115099e+09,'paused','','{}');
INSERT INTO "events" VALUES(4,1,1.79542565142277407643e+09,'workflow_created','','{"playbook":"waits","plan":"b7a0ae042ca3dade9b52f8db64eb0454f8a9f30d6fea7e697cdfcdd48b772f8a","environment":"dev","parameters":{},"secret_parameters":[],"variables":{},"env":{},"options":{"parallel":false,"max_parallel":16,"checkpoint_each":false,"timeout":null,"only":[],"skip":[],"step_by_step":false},"actor":"root"}');
INSERT INTO "events" VALUES(4,2,1.79542565148418402668e+09,'owned','','{"epoch":1,"pid":12546,"host":"vm","boot_id":"a01c5a23-02ee-4051-8770-4445d8385656","started":55435.58,"supervisor":"12546-b9a8e177"}');
INSERT INTO "events" VALUES(4,3,1.79542565149061489112e+09,'workflow_started','','{"actor":"root"}');
INSERT INTO "events" VALUES(4,4,1.79542565149089527131e+09,'attempt_started','one','{"id":4,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW one\" >> effects","call_digest":"c114feb713a6316a425d3472ed537f6b","definition":"025a50c39b425a1c136b5a92481890aa3a2bb213e72be80523a91f6ba8755e7e"}');
INSERT INTO "events" VALUES(4,5,1.79542565150127434725e+09,'attempt_finished','one','{"id":4,"number":1,"status":"succeeded","exit_code":0,"started_at":1795425651.4950182,"finished_at":1795425651.4984126,"final":true}');
INSERT INTO "events" VALUES(4,6,1.79542565150147771834e+09,'attempt_started','two','{"id":6,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; until test -e go; do sleep 0.05; done","call_digest":"5135ff8c01c921e3ff78acb01f6772d3","definition":"b9cb1173b15970c413fc97d5ffbd66fe989827a4bf5557b03544dea95f0b04c1"}');
CREATE TABLE facts (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO "facts" VALUES('pruned_at','1795425648.235845');
CREATE TABLE plans (
    number INTEGER PRIMARY KEY,
    checksum TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL
);
INSERT INTO "plans" VALUES(1,'1ab42e9fd39fe9d2899c62cee960a95d9775c80fb7ad859a409c40cc72c2a15b','{"format":1,"files":["playbooks/waits.yaml"],"plan":{"name":"waits","description":"","version":null,"category":null,"tags":[],"parameters":[],"variables":{},"secrets":[],"environments":null,"timeout":null,"cleanup_timeout":600.0,"checkpoint":false,"steps":[["one","025a50c39b425a1c136b5a92481890aa3a2bb213e72be80523a91f6ba8755e7e",[0,3,5],["shell","echo \"$ORCHESTRATE_WORKFLOW one\" >> effects",{},"echo \"$ORCHESTRATE_WORKFLOW one\" >> effects"],{"name":"one"}],["two","b9cb1173b15970c413fc97d5ffbd66fe989827a4bf5557b03544dea95f0b04c1",[0,5,5],["shell","echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; until test -e go; do sleep 0.05; done",{},"echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; until test -e go; do sleep 0.05; done"],{"name":"two","idempotent":true}],["three","4a8aaf3808b0aa1d7de08cb2fd8185097790e06a52bbc0be8df7630964bce9b5",[0,8,5],["shell","echo \"$ORCHESTRATE_WORKFLOW three\" >> effects",{},"echo \"$ORCHESTRATE_WORKFLOW three\" >> effects"],{"name":"three"}]],"on_failure":[],"on_success":[],"always":[],"outputs":{},"env_names":[],"digest":"b7a0ae042ca3dade9b52f8db64eb0454f8a9f30d6fea7e697cdfcdd48b772f8a","sources":[["playbooks/waits.yaml","eff313c25250a054bbb56c25870ebd8ecdf38170c651db703174d9f4f42cefdc"]],"warnings":[]}}');
INSERT INTO "plans" VALUES(2,'8b4af3033d80bb0bd0622ee1194cf9d13f20d9106bbf866050930a0b6b7331cb','{"format":1,"files":["playbooks/fails.yaml"],"plan":{"name":"fails","description":"","version":null,"category":null,"tags":[],"parameters":[],"variables":{},"secrets":[],"environments":null,"timeout":null,"cleanup_timeout":600.0,"checkpoint":false,"steps":[["one","025a50c39b425a1c136b5a92481890aa3a2bb213e72be80523a91f6ba8755e7e",[0,3,5],["shell","echo \"$ORCHESTRATE_WORKFLOW one\" >> effects",{},"echo \"$ORCHESTRATE_WORKFLOW one\" >> effects"],{"name":"one"}],["two","3ef9ae430ca1622336305d3b74866904dc7116dfb8ea8826ee7b0a1232b8be62",[0,5,5],["shell","echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; test -e mended",{},"echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; test -e mended"],{"name":"two","idempotent":true}],["three","4a8aaf3808b0aa1d7de08cb2fd8185097790e06a52bbc0be8df7630964bce9b5",[0,8,5],["shell","echo \"$ORCHESTRATE_WORKFLOW three\" >> effects",{},"echo \"$ORCHESTRATE_WORKFLOW three\" >> effects"],{"name":"three"}]],"on_failure":[],"on_success":[],"always":[],"outputs":{},"env_names":[],"digest":"b7c46f81f8d4db39fd2088e7ad6fe22e36c3b4cd59677bc68eb46526f54014aa","sources":[["playbooks/fails.yaml","ee641a73f8e51c92c3ceb44a7f07ed2161b88d542397afff1216e23087afd879"]],"warnings":[]}}');
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
INSERT INTO "requests" VALUES(1,3,1.79542565063166427614e+09,'pause','{"actor":"root","now":false,"checkpoint":false}','12460-d33394c3','done','null');
CREATE TABLE waiters (
    workflow INTEGER PRIMARY KEY REFERENCES workflows (number),
    pid INTEGER NOT NULL,
    started REAL NOT NULL,
    boot TEXT NOT NULL,
    host TEXT NOT NULL,
    socket TEXT NOT NULL
);
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
);
INSERT INTO "workflows" VALUES(1,'WF-2026-001','waits',1,'succeeded','dev','{}','root','',1.79542564803921031956e+09,1.79542564814000797264e+09,1.79542564821863031383e+09,NULL,NULL,11,1,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "workflows" VALUES(2,'WF-2026-002','fails',2,'failed','dev','{}','root','exit code 1',1.79542564929093289381e+09,1.79542564933373236654e+09,1.79542564935873818392e+09,NULL,NULL,9,1,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "workflows" VALUES(3,'WF-2026-003','waits',1,'paused','dev','{}','root','',1795425650.03347,1.7954256500807082653e+09,NULL,NULL,NULL,9,1,12398,55434.12,'a01c5a23-02ee-4051-8770-4445d8385656','vm pid:[4026531836]','12398-98d8bc27');
INSERT INTO "workflows" VALUES(4,'WF-2026-004','waits',1,'running','dev','{}','root','',1.79542565142277407643e+09,1.79542565149061489112e+09,NULL,NULL,NULL,6,1,12546,55435.58,'a01c5a23-02ee-4051-8770-4445d8385656','vm pid:[4026531836]','12546-3a0a24ce');
CREATE INDEX workflows_by_state ON workflows (state, number);
CREATE INDEX workflows_by_playbook ON workflows (playbook, number);
CREATE INDEX workflows_by_end ON workflows (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX workflows_owned ON workflows (number) WHERE owner_pid IS NOT NULL;
CREATE INDEX requests_pending ON requests (workflow, number) WHERE state = 'pending';
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('requests',1);
COMMIT;
PRAGMA user_version=1;

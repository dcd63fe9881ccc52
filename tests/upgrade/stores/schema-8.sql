BEGIN TRANSACTION;
CREATE TABLE actions (
    number INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    action TEXT NOT NULL,
    actor TEXT NOT NULL,
    subject TEXT NOT NULL,
    data TEXT NOT NULL,
    hash BLOB NOT NULL
);
INSERT INTO "actions" VALUES(1,1.79542573191278815271e+09,'store_begun','','','{"store":"9f6878c7e0511d5da76cce61ea23fccf"}',X'BC79510CD79DD3F069A9FE519ABE0545A439971061F7E064D9A3B40FD1FD25DF');
INSERT INTO "actions" VALUES(2,1.7954257319410562515e+09,'anchored','','WF-2026-001','{"why":"created","seq":1,"hash":"de339bebc5789217f8e97a5894542b0e217b816f922e35ea792c9caa7a83da69","plan":"ebc5b2818bf234fdaa8d95cb2cd96173cef2acb918b899f1cca05b04967f2d33"}',X'AD32A896160E25F4BDA6889D68EEDB117848253CB1E1740692E9FB5CC786780D');
INSERT INTO "actions" VALUES(3,1.79542573210761165613e+09,'anchored','','WF-2026-001','{"why":"ended","seq":14,"hash":"31e721ec5ce22dec4e639a9d58f31953e99a4047585304f0b6059f7523b3f418","plan":"ebc5b2818bf234fdaa8d95cb2cd96173cef2acb918b899f1cca05b04967f2d33"}',X'36C16FBB7CA9AA39F6E9D0D5D9E5D7ECF5C74790580564DC58DBE18F32B50AEC');
INSERT INTO "actions" VALUES(4,1.79542573371055483822e+09,'anchored','','WF-2026-002','{"why":"created","seq":1,"hash":"278babd5a89bb58db4d4a3de9d17770a815295e53bc21b9b3b3bbdbdf3924b4d","plan":"b1bc451b603da7c2d18a9cb5758ded18da6d08c84d2c010e6bdaefbe2383b7d8"}',X'88FD01E3826DBC43B705B12B6F0623F88E394400701D119BF8B62090AE992AC2');
INSERT INTO "actions" VALUES(5,1.79542573378228521342e+09,'anchored','','WF-2026-002','{"why":"ended","seq":9,"hash":"8d7303a05c5fe078bdc5eb3009f78414392929d587a94ed5182c7ba4362b6860","plan":"b1bc451b603da7c2d18a9cb5758ded18da6d08c84d2c010e6bdaefbe2383b7d8"}',X'A0DF8B232E784220904B48A47AADD2504E2B21129B0EDFA5E2A66FEA10E24FA8');
INSERT INTO "actions" VALUES(6,1.79542573456024503707e+09,'anchored','','WF-2026-003','{"why":"created","seq":1,"hash":"04253c169483a5078f2b286f30dd542501e95b2f33dad6e7bcd4a642351b3e75","plan":"ebc5b2818bf234fdaa8d95cb2cd96173cef2acb918b899f1cca05b04967f2d33"}',X'3A95B607C59E659F5CDE5927474B4EB45515B584B928517BB36015F1D98BF17B');
INSERT INTO "actions" VALUES(7,1.79542573733370804784e+09,'anchored','','WF-2026-004','{"why":"created","seq":1,"hash":"89718352a73e81bead32d159af3e219ddb8dbfa3952bfe1b8a91b33d7c4dc1a0","plan":"34df28e4e50611c09203e1deae952e0222c2668c0fe40b69f973a4164dc08126"}',X'BC2D5B5969E593000504184D37B94303C454796B1349FBF213C2C510B2894967');
INSERT INTO "actions" VALUES(8,1.79542573856187868117e+09,'schedule_added','root','fails','{"from":{"host":"vm","pid":28614},"after":{"name":"fails","playbook":"fails","cron":"0 2 * * *","zone":"Etc/UTC","environment":null,"parameters":{},"actor":"root","dst":"run-once","catch_up":"latest","overlap":"skip","jitter":0.0,"declared_in":null,"enabled":false}}',X'2F3AD469136ABD148458D9A0940B2C4ABCD08E91337A22B6868E99550491E303');
INSERT INTO "actions" VALUES(9,1.79542573997898912427e+09,'anchored','','WF-2026-005','{"why":"created","seq":1,"hash":"b69dd0258bac17b746779886f6f7bd71e78eb76a0fa06b99635590607ddc3d9b","plan":"9a308e17df05b113c47bef4cb680dc205cc31c0793080b7b45e63d41608b7738"}',X'951A697DDD5EB6A39F36FAC5700F05C666D05391C37EBCE96E264C3BCB5BB94D');
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
INSERT INTO "claims" VALUES(2,3,'','held',1.7954257346164195538e+09,'{"db": false}','{}','{"db": 2}',1,'','[]');
INSERT INTO "claims" VALUES(3,5,'','held',1.79542574002814292908e+09,'{"other": false}','{}','{"other": 1}',1,'','[]');
CREATE TABLE counters (
    year INTEGER PRIMARY KEY,
    last INTEGER NOT NULL
);
INSERT INTO "counters" VALUES(2026,5);
CREATE TABLE event_offers (
    workflow INTEGER NOT NULL REFERENCES workflows (number),
    path TEXT NOT NULL,
    number INTEGER NOT NULL REFERENCES inbox (number),
    PRIMARY KEY (workflow, path, number)
) WITHOUT ROWID;
CREATE TABLE event_waits (
    workflow INTEGER NOT NULL REFERENCES workflows (number),
    path TEXT NOT NULL,
    event TEXT NOT NULL,
    source TEXT,
    PRIMARY KEY (workflow, path)
) WITHOUT ROWID;
INSERT INTO "event_waits" VALUES(4,'told','go',NULL);
CREATE TABLE events (
    workflow INTEGER NOT NULL REFERENCES workflows (number),
    seq INTEGER NOT NULL,
    at REAL NOT NULL,
    type TEXT NOT NULL,
    path TEXT NOT NULL,
    data TEXT NOT NULL, hash BLOB,
    PRIMARY KEY (workflow, seq)
) WITHOUT ROWID;
INSERT INTO "events" VALUES(1,1,1.7954257319410562515e+09,'workflow_created','','{"playbook":"waits","plan":"788ad72bbb0690a19ea1b8a1f023cadef2fde54db7def960bf1e57dd22454a0f","environment":"dev","parameters":{},"secret_parameters":[],"variables":{},"env":{},"options":{"parallel":false,"max_parallel":16,"checkpoint_each":false,"timeout":null,"only":[],"skip":[],"step_by_step":false},"actor":"root","priority":"normal","from":{"host":"vm","pid":27004}}',X'DE339BEBC5789217F8E97A5894542B0E217B816F922E35EA792C9CAA7A83DA69');
INSERT INTO "events" VALUES(1,2,1.79542573195869112007e+09,'owned','','{"epoch":1,"pid":27004,"host":"vm","boot_id":"a01c5a23-02ee-4051-8770-4445d8385656","started":55513.52,"supervisor":"27004-1c8092bf"}',X'5732EED448B023283B49C708EC766AFBCB37C7F8A8A4CC54D6010925FB6A2CBA');
INSERT INTO "events" VALUES(1,3,1.79542573196931290633e+09,'workflow_started','','{"actor":"root"}',X'3E91F5315899B62669AD4BB4BB85416BF9F6AB20DA319FD4C3BE7E8119C80036');
INSERT INTO "events" VALUES(1,4,1.79542573197110462185e+09,'decided','','{"subject":"claim","value":{"locks":{"db":[false,"wait",null]},"resources":{}}}',X'B817124EA8042CBB04A873412939E4D45C87B38505C4053EDD65BB2C8C3F8377');
INSERT INTO "events" VALUES(1,5,1.79542573202274823194e+09,'claimed','','{"tokens":{"db":1},"waited":0.05160188674926758}',X'9AC6C2DDABA072AEDDFE708EFDB0BA5A03746A4BDE0DB003DC7FA1D98AED09BF');
INSERT INTO "events" VALUES(1,6,1.79542573202293229105e+09,'attempt_started','one','{"id":6,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW one\" >> effects","call_digest":"c114feb713a6316a425d3472ed537f6b","definition":"025a50c39b425a1c136b5a92481890aa3a2bb213e72be80523a91f6ba8755e7e"}',X'BD482A91C6644C0841F54E152B42D204E0E3A13CFCBA33B6FECBCECAE4A3E965');
INSERT INTO "events" VALUES(1,7,1.79542573205079174043e+09,'attempt_finished','one','{"id":6,"number":1,"status":"succeeded","exit_code":0,"started_at":1795425732.0298936,"finished_at":1795425732.0502152,"final":true}',X'1C17332AE40343C67C6F18E77FE9B3F045BB853DF43CFC83AFB849E7B5FF1068');
INSERT INTO "events" VALUES(1,8,1.7954257320509855747e+09,'attempt_started','two','{"id":8,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; until test -e go; do sleep 0.05; done","call_digest":"5135ff8c01c921e3ff78acb01f6772d3","definition":"b9cb1173b15970c413fc97d5ffbd66fe989827a4bf5557b03544dea95f0b04c1"}',X'E001B173F02EE820A1C46BBAFCFF7ACFF83556CC81EDD63951D379B59C43C668');
INSERT INTO "events" VALUES(1,9,1.79542573208349847792e+09,'attempt_finished','two','{"id":8,"number":1,"status":"succeeded","exit_code":0,"started_at":1795425732.0621686,"finished_at":1795425732.0733287,"final":true}',X'082814DE5B9EA3B6F9E950B6CB25912B721C2271B7FEC7741672D6659A65F689');
INSERT INTO "events" VALUES(1,10,1.79542573208370780948e+09,'attempt_started','three','{"id":10,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW three\" >> effects","call_digest":"ceb18f495c140528ecb64c0696356047","definition":"4a8aaf3808b0aa1d7de08cb2fd8185097790e06a52bbc0be8df7630964bce9b5"}',X'5A244A2E14F1BB3BA1BDB501A0C396FFC6C4E8F4B640FE4BA7BE5DDF17CBA14C');
INSERT INTO "events" VALUES(1,11,1.7954257321073923111e+09,'attempt_finished','three','{"id":10,"number":1,"status":"succeeded","exit_code":0,"started_at":1795425732.1058145,"finished_at":1795425732.1070623,"final":true}',X'65D2CBFDE186D0BDA110A76D8F07571802B7B2297D11924463CDF8D23DB1E974');
INSERT INTO "events" VALUES(1,12,1.79542573210752701758e+09,'claim_released','','{"tokens":{"db":1}}',X'5EB005EBC8FBDCA3C034F49C94B1B7ED2DB25366A2FE25C72F779292423ED3B8');
INSERT INTO "events" VALUES(1,13,1.79542573210758137696e+09,'workflow_finished','','{"state":"succeeded"}',X'5747EB299251111CA7209224136CF79799C4ADDFF9AF27B1EE7044E6571D9E65');
INSERT INTO "events" VALUES(1,14,1.79542573210761165613e+09,'released','','{"epoch":1,"reason":"ended"}',X'31E721EC5CE22DEC4E639A9D58F31953E99A4047585304F0B6059F7523B3F418');
INSERT INTO "events" VALUES(2,1,1.79542573371055483822e+09,'workflow_created','','{"playbook":"fails","plan":"b7c46f81f8d4db39fd2088e7ad6fe22e36c3b4cd59677bc68eb46526f54014aa","environment":"dev","parameters":{},"secret_parameters":[],"variables":{},"env":{},"options":{"parallel":false,"max_parallel":16,"checkpoint_each":false,"timeout":null,"only":[],"skip":[],"step_by_step":false},"actor":"root","priority":"normal","from":{"host":"vm","pid":27606}}',X'278BABD5A89BB58DB4D4A3DE9D17770A815295E53BC21B9B3B3BBDBDF3924B4D');
INSERT INTO "events" VALUES(2,2,1.79542573373064851764e+09,'owned','','{"epoch":1,"pid":27606,"host":"vm","boot_id":"a01c5a23-02ee-4051-8770-4445d8385656","started":55516.79,"supervisor":"27606-5685e16d"}',X'A44204859FDE72E2D8BF210657F93E744BAA3AB9E4DC18D091C6CCE8CEC38A97');
INSERT INTO "events" VALUES(2,3,1.79542573373420977591e+09,'workflow_started','','{"actor":"root"}',X'B8712AC7E928EAE8FB06C97E158F04B0D06D22C9D23D59463CDAAD838898D5FE');
INSERT INTO "events" VALUES(2,4,1.79542573373444771765e+09,'attempt_started','one','{"id":4,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW one\" >> effects","call_digest":"c114feb713a6316a425d3472ed537f6b","definition":"025a50c39b425a1c136b5a92481890aa3a2bb213e72be80523a91f6ba8755e7e"}',X'7DB92280AF9E26D7C2923472162CA70FF97450DA63DAF0850E69A30634EB864B');
INSERT INTO "events" VALUES(2,5,1.79542573376094055171e+09,'attempt_finished','one','{"id":4,"number":1,"status":"succeeded","exit_code":0,"started_at":1795425733.7378144,"finished_at":1795425733.7604957,"final":true}',X'D247C3C75581CB05D3DE05DE1BB22E1E11F6B61286A7149465B697C390FD3CF7');
INSERT INTO "events" VALUES(2,6,1.79542573376115202903e+09,'attempt_started','two','{"id":6,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; test -e mended","call_digest":"6c41a541cba584334dc024743480ec3d","definition":"3ef9ae430ca1622336305d3b74866904dc7116dfb8ea8826ee7b0a1232b8be62"}',X'502FAB095434088C1B4695B7A80C2120B051C377AF93FDAF394E246E53DB780A');
INSERT INTO "events" VALUES(2,7,1.79542573378214240066e+09,'attempt_finished','two','{"id":6,"number":1,"status":"failed","exit_code":1,"message":"exit code 1","started_at":1795425733.7797341,"finished_at":1795425733.781847,"final":true}',X'711F0D4F6D5F95A6FF3C03E159926378EA7DD88D47E3B746F9E0779D40C9C89A');
INSERT INTO "events" VALUES(2,8,1.79542573378226113321e+09,'workflow_finished','','{"state":"failed","error":{"step":"two","message":"exit code 1","exit_code":1,"timed_out":false}}',X'42E75900F30C18FF45252BD710222256C2B387BDE01599790C5226B739354FDB');
INSERT INTO "events" VALUES(2,9,1.79542573378228521342e+09,'released','','{"epoch":1,"reason":"ended"}',X'8D7303A05C5FE078BDC5EB3009F78414392929D587A94ED5182C7BA4362B6860');
INSERT INTO "events" VALUES(3,1,1.79542573456024503707e+09,'workflow_created','','{"playbook":"waits","plan":"788ad72bbb0690a19ea1b8a1f023cadef2fde54db7def960bf1e57dd22454a0f","environment":"dev","parameters":{},"secret_parameters":[],"variables":{},"env":{},"options":{"parallel":false,"max_parallel":16,"checkpoint_each":false,"timeout":null,"only":[],"skip":[],"step_by_step":false},"actor":"root","priority":"normal","from":{"host":"vm","pid":27923}}',X'04253C169483A5078F2B286F30DD542501E95B2F33DAD6E7BCD4A642351B3E75');
INSERT INTO "events" VALUES(3,2,1.79542573458951473233e+09,'owned','','{"epoch":1,"pid":27923,"host":"vm","boot_id":"a01c5a23-02ee-4051-8770-4445d8385656","started":55518.5,"supervisor":"27923-8dd93f73"}',X'CC88A0F970D1077E3D61E1B28A6F497CFC3290DB577CA22218EC31BAFBBB43C3');
INSERT INTO "events" VALUES(3,3,1.79542573459807872776e+09,'workflow_started','','{"actor":"root"}',X'5E88A7C5AEAF5E3551C935E32665E0E73E3456205C4CA2528C55B98222F85A9D');
INSERT INTO "events" VALUES(3,4,1.79542573459854793542e+09,'decided','','{"subject":"claim","value":{"locks":{"db":[false,"wait",null]},"resources":{}}}',X'BBDDFF411E15DB0F6194F696AF957D175EA57E165AD1B980B11CAD4470C1822C');
INSERT INTO "events" VALUES(3,5,1.79542573462546467782e+09,'claimed','','{"tokens":{"db":2},"waited":0.026874542236328125}',X'887C722142DA80F3972B2D579D6382E4D6479EA601DA062F637E00BD204C7219');
INSERT INTO "events" VALUES(3,6,1.7954257346256608963e+09,'attempt_started','one','{"id":6,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW one\" >> effects","call_digest":"c114feb713a6316a425d3472ed537f6b","definition":"025a50c39b425a1c136b5a92481890aa3a2bb213e72be80523a91f6ba8755e7e"}',X'39087B319941D946606E408C2E9E927B181F17AED7C07A863DFFD88CE4824133');
INSERT INTO "events" VALUES(3,7,1.79542573464051175122e+09,'attempt_finished','one','{"id":6,"number":1,"status":"succeeded","exit_code":0,"started_at":1795425734.629182,"finished_at":1795425734.6400764,"final":true}',X'718A3278B5644F1D46229ABB36C3CE8F22D151C00886109118520219FB4C55DE');
INSERT INTO "events" VALUES(3,8,1.79542573464070272445e+09,'attempt_started','two','{"id":8,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; until test -e go; do sleep 0.05; done","call_digest":"5135ff8c01c921e3ff78acb01f6772d3","definition":"b9cb1173b15970c413fc97d5ffbd66fe989827a4bf5557b03544dea95f0b04c1"}',X'017EFD4B4BEB1633B35D8AAF2B286B4E74E3CD7E3911AD01189A83F05F2022AD');
INSERT INTO "events" VALUES(3,9,1.79542573540583467487e+09,'pause_requested','','{"actor":"root","now":false,"checkpoint":false,"from":{"host":"vm","pid":28067},"before":{"state":"running"}}',X'D9887F86C64091D3566447E2BC4910CF46E914E5F3D0285380F6FBD98313820B');
INSERT INTO "events" VALUES(3,10,1.79542573543306708335e+09,'attempt_finished','two','{"id":8,"number":1,"status":"succeeded","exit_code":0,"started_at":1795425734.6498456,"finished_at":1795425735.431619,"final":true}',X'3433F4275557B4AE05350DB856617B28F4F4A4F6236CCC1573E962C7518AB710');
INSERT INTO "events" VALUES(3,11,1.7954257354332380295e+09,'paused','','{}',X'94E6211ED72698BD5AED976E1D47D2427514209694051EC9C4685BB7D4026AB1');
INSERT INTO "events" VALUES(4,1,1.79542573733370804784e+09,'workflow_created','','{"playbook":"listens","plan":"e606ab6f32279ce6809943fed3406a8b54b7914abaf058bd92732f5367634013","environment":"dev","parameters":{},"secret_parameters":[],"variables":{},"env":{},"options":{"parallel":false,"max_parallel":16,"checkpoint_each":false,"timeout":null,"only":[],"skip":[],"step_by_step":false},"actor":"root","priority":"normal","from":{"host":"vm","pid":28242}}',X'89718352A73E81BEAD32D159AF3E219DDB8DBFA3952BFE1B8A91B33D7C4DC1A0');
INSERT INTO "events" VALUES(4,2,1.79542573736433434491e+09,'owned','','{"epoch":1,"pid":28242,"host":"vm","boot_id":"a01c5a23-02ee-4051-8770-4445d8385656","started":55520.19,"supervisor":"28242-1e956e41"}',X'EBD2968810F849BA21F7A8CEC7CECBC073014F79CA61987200515E4933293132');
INSERT INTO "events" VALUES(4,3,1.79542573737232494354e+09,'workflow_started','','{"actor":"root"}',X'8068B4939762499AC98F0DCB51874E3C6A392905C22832B2209CA7A6C8174399');
INSERT INTO "events" VALUES(4,4,1.7954257373725368977e+09,'attempt_started','one','{"id":4,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW one\" >> effects","call_digest":"c114feb713a6316a425d3472ed537f6b","definition":"025a50c39b425a1c136b5a92481890aa3a2bb213e72be80523a91f6ba8755e7e"}',X'47BB28D031C6CEED1DC4F08975BFE610F5307E16F2FBF2C6A4C23FA8FE4303F0');
INSERT INTO "events" VALUES(4,5,1.79542573738280630108e+09,'attempt_finished','one','{"id":4,"number":1,"status":"succeeded","exit_code":0,"started_at":1795425737.3772466,"finished_at":1795425737.382314,"final":true}',X'70E3B94AFA2498BDAD74C5596C3AAF90B75086CEB52D4773ECE9E9C7D144BECD');
INSERT INTO "events" VALUES(4,6,1.79542573739566779138e+09,'step_started','told','{"kind":"wait"}',X'261E7BF301D0DA4E9D8105AD01135228A90B32BC6F7CA6767575FED2D7131926');
INSERT INTO "events" VALUES(4,7,1.79542573739579796798e+09,'event_awaited','told','{"event":"go","since":"step"}',X'234F9B6C91D029FE935C9AA7E090C64F49FB0BA9BA208B8EF92D7E27EF410016');
INSERT INTO "events" VALUES(5,1,1.79542573997898912427e+09,'workflow_created','','{"playbook":"waits","plan":"95f5a41a20898b922457eea56771f624c429d2cafe93e4fc9d17f3367f104f03","environment":"dev","parameters":{},"secret_parameters":[],"variables":{},"env":{},"options":{"parallel":false,"max_parallel":16,"checkpoint_each":false,"timeout":null,"only":[],"skip":[],"step_by_step":false},"actor":"root","priority":"normal","from":{"host":"vm","pid":28792}}',X'B69DD0258BAC17B746779886F6F7BD71E78EB76A0FA06B99635590607DDC3D9B');
INSERT INTO "events" VALUES(5,2,1.79542574002131772041e+09,'owned','','{"epoch":1,"pid":28792,"host":"vm","boot_id":"a01c5a23-02ee-4051-8770-4445d8385656","started":55523.24,"supervisor":"28792-093c195d"}',X'D7EBF0911660BD355C76AEF23F07D8B4ADE22C4CD583064AF71D4032A33C5D06');
INSERT INTO "events" VALUES(5,3,1.7954257400259752273e+09,'workflow_started','','{"actor":"root"}',X'E77896AF493080BBA7BFB2885A50C9F029D8E04472E799C7108BA0D2DEF9C102');
INSERT INTO "events" VALUES(5,4,1.79542574002642512319e+09,'decided','','{"subject":"claim","value":{"locks":{"other":[false,"wait",null]},"resources":{}}}',X'000567B7F4B8476B9CCADC376C027611B51762A1C93969FA274CDC53732D2E04');
INSERT INTO "events" VALUES(5,5,1.79542574003063774108e+09,'claimed','','{"tokens":{"other":1},"waited":0.004175662994384766}',X'B02822178E7747D2148F76BA6A1A6C1207F6BBE9903F5ADB44FEAAA4F752BF3A');
INSERT INTO "events" VALUES(5,6,1.7954257400307817459e+09,'attempt_started','one','{"id":6,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW one\" >> effects","call_digest":"c114feb713a6316a425d3472ed537f6b","definition":"025a50c39b425a1c136b5a92481890aa3a2bb213e72be80523a91f6ba8755e7e"}',X'0DC54613A2B532CDB07B8654361BB5C623A9C302B40D59EAC9E1A3DCBD586B1F');
INSERT INTO "events" VALUES(5,7,1.79542574003925895689e+09,'attempt_finished','one','{"id":6,"number":1,"status":"succeeded","exit_code":0,"started_at":1795425740.03733,"finished_at":1795425740.0388024,"final":true}',X'F593192B01AE511FE1704C91F6DA5FE4130FDC45DA2E6227030ABB434CE8E6FC');
INSERT INTO "events" VALUES(5,8,1.7954257400394465923e+09,'attempt_started','two','{"id":8,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; until test -e go; do sleep 0.05; done","call_digest":"5135ff8c01c921e3ff78acb01f6772d3","definition":"b9cb1173b15970c413fc97d5ffbd66fe989827a4bf5557b03544dea95f0b04c1"}',X'968B01FE2487BEE8FF879DC29A6E12231615D02CEFF2577AF3A4D947B829A8B4');
CREATE TABLE facts (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO "facts" VALUES('pruned_at','1795425732.1096268');
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
CREATE TABLE label_values (
    label TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (label, value)
) WITHOUT ROWID;
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
INSERT INTO "plans" VALUES(1,'ebc5b2818bf234fdaa8d95cb2cd96173cef2acb918b899f1cca05b04967f2d33','{"format":1,"files":["playbooks/waits.yaml"],"plan":{"name":"waits","description":"","version":null,"category":null,"tags":[],"parameters":[],"variables":{},"secrets":[],"environments":null,"timeout":null,"cleanup_timeout":600.0,"checkpoint":false,"steps":[["one","025a50c39b425a1c136b5a92481890aa3a2bb213e72be80523a91f6ba8755e7e",[0,4,5],["shell","echo \"$ORCHESTRATE_WORKFLOW one\" >> effects",{},"echo \"$ORCHESTRATE_WORKFLOW one\" >> effects"],{"name":"one"}],["two","b9cb1173b15970c413fc97d5ffbd66fe989827a4bf5557b03544dea95f0b04c1",[0,6,5],["shell","echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; until test -e go; do sleep 0.05; done",{},"echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; until test -e go; do sleep 0.05; done"],{"name":"two","idempotent":true}],["three","4a8aaf3808b0aa1d7de08cb2fd8185097790e06a52bbc0be8df7630964bce9b5",[0,9,5],["shell","echo \"$ORCHESTRATE_WORKFLOW three\" >> effects",{},"echo \"$ORCHESTRATE_WORKFLOW three\" >> effects"],{"name":"three"}]],"on_failure":[],"on_success":[],"always":[],"outputs":{},"env_names":[],"digest":"788ad72bbb0690a19ea1b8a1f023cadef2fde54db7def960bf1e57dd22454a0f","sources":[["playbooks/waits.yaml","3eea07cc3afa548e7a53f29afdadd635c3648e3c7a3598f7cb9e21571a1cb5eb"]],"warnings":[],"priority":"normal","concurrency":null,"require_success_in":[],"locks":[["db",false,null,"wait",[0,1,9]]],"resources":[],"triggers":[],"integrations":[]}}');
INSERT INTO "plans" VALUES(2,'b1bc451b603da7c2d18a9cb5758ded18da6d08c84d2c010e6bdaefbe2383b7d8','{"format":1,"files":["playbooks/fails.yaml"],"plan":{"name":"fails","description":"","version":null,"category":null,"tags":[],"parameters":[],"variables":{},"secrets":[],"environments":null,"timeout":null,"cleanup_timeout":600.0,"checkpoint":false,"steps":[["one","025a50c39b425a1c136b5a92481890aa3a2bb213e72be80523a91f6ba8755e7e",[0,3,5],["shell","echo \"$ORCHESTRATE_WORKFLOW one\" >> effects",{},"echo \"$ORCHESTRATE_WORKFLOW one\" >> effects"],{"name":"one"}],["two","3ef9ae430ca1622336305d3b74866904dc7116dfb8ea8826ee7b0a1232b8be62",[0,5,5],["shell","echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; test -e mended",{},"echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; test -e mended"],{"name":"two","idempotent":true}],["three","4a8aaf3808b0aa1d7de08cb2fd8185097790e06a52bbc0be8df7630964bce9b5",[0,8,5],["shell","echo \"$ORCHESTRATE_WORKFLOW three\" >> effects",{},"echo \"$ORCHESTRATE_WORKFLOW three\" >> effects"],{"name":"three"}]],"on_failure":[],"on_success":[],"always":[],"outputs":{},"env_names":[],"digest":"b7c46f81f8d4db39fd2088e7ad6fe22e36c3b4cd59677bc68eb46526f54014aa","sources":[["playbooks/fails.yaml","ee641a73f8e51c92c3ceb44a7f07ed2161b88d542397afff1216e23087afd879"]],"warnings":[],"priority":"normal","concurrency":null,"require_success_in":[],"locks":[],"resources":[],"triggers":[],"integrations":[]}}');
INSERT INTO "plans" VALUES(3,'34df28e4e50611c09203e1deae952e0222c2668c0fe40b69f973a4164dc08126','{"format":1,"files":["playbooks/listens.yaml"],"plan":{"name":"listens","description":"","version":null,"category":null,"tags":[],"parameters":[],"variables":{},"secrets":[],"environments":null,"timeout":null,"cleanup_timeout":600.0,"checkpoint":false,"steps":[["one","025a50c39b425a1c136b5a92481890aa3a2bb213e72be80523a91f6ba8755e7e",[0,3,5],["shell","echo \"$ORCHESTRATE_WORKFLOW one\" >> effects",{},"echo \"$ORCHESTRATE_WORKFLOW one\" >> effects"],{"name":"one"}],["told","7c22ddbc4b25ecd0a237914f350c40131f3e8504dd204b3cf0d862e349468789",[0,5,5],["event","go",null,null,"step","fail"],{"name":"told","idempotent":true}],["three","4a8aaf3808b0aa1d7de08cb2fd8185097790e06a52bbc0be8df7630964bce9b5",[0,6,5],["shell","echo \"$ORCHESTRATE_WORKFLOW three\" >> effects",{},"echo \"$ORCHESTRATE_WORKFLOW three\" >> effects"],{"name":"three"}]],"on_failure":[],"on_success":[],"always":[],"outputs":{},"env_names":[],"digest":"e606ab6f32279ce6809943fed3406a8b54b7914abaf058bd92732f5367634013","sources":[["playbooks/listens.yaml","6c615fd9ba46bd8cbd39b7d254d0695157db99d525bee6e042bb27f965d2e3e0"]],"warnings":[],"priority":"normal","concurrency":null,"require_success_in":[],"locks":[],"resources":[],"triggers":[],"integrations":[]}}');
INSERT INTO "plans" VALUES(4,'9a308e17df05b113c47bef4cb680dc205cc31c0793080b7b45e63d41608b7738','{"format":1,"files":["playbooks/waits.yaml"],"plan":{"name":"waits","description":"","version":null,"category":null,"tags":[],"parameters":[],"variables":{},"secrets":[],"environments":null,"timeout":null,"cleanup_timeout":600.0,"checkpoint":false,"steps":[["one","025a50c39b425a1c136b5a92481890aa3a2bb213e72be80523a91f6ba8755e7e",[0,4,5],["shell","echo \"$ORCHESTRATE_WORKFLOW one\" >> effects",{},"echo \"$ORCHESTRATE_WORKFLOW one\" >> effects"],{"name":"one"}],["two","b9cb1173b15970c413fc97d5ffbd66fe989827a4bf5557b03544dea95f0b04c1",[0,6,5],["shell","echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; until test -e go; do sleep 0.05; done",{},"echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; until test -e go; do sleep 0.05; done"],{"name":"two","idempotent":true}],["three","4a8aaf3808b0aa1d7de08cb2fd8185097790e06a52bbc0be8df7630964bce9b5",[0,9,5],["shell","echo \"$ORCHESTRATE_WORKFLOW three\" >> effects",{},"echo \"$ORCHESTRATE_WORKFLOW three\" >> effects"],{"name":"three"}]],"on_failure":[],"on_success":[],"always":[],"outputs":{},"env_names":[],"digest":"95f5a41a20898b922457eea56771f624c429d2cafe93e4fc9d17f3367f104f03","sources":[["playbooks/waits.yaml","6adfa3e665322cd860690aa6cde3aa63eddd42be09198b74aaee3da1461708c2"]],"warnings":[],"priority":"normal","concurrency":null,"require_success_in":[],"locks":[["other",false,null,"wait",[0,1,9]]],"resources":[],"triggers":[],"integrations":[]}}');
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
INSERT INTO "requests" VALUES(1,3,1.79542573539656448366e+09,'pause','{"actor":"root","now":false,"checkpoint":false,"from":{"host":"vm","pid":28067}}','28067-ddcc9052','done','null');
CREATE TABLE schedules (
    name TEXT PRIMARY KEY,
    body TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    decided_until REAL NOT NULL,
    next_due REAL
);
INSERT INTO "schedules" VALUES('fails','{"name": "fails", "playbook": "fails", "cron": "0 2 * * *", "zone": "Etc/UTC", "environment": null, "parameters": {}, "actor": "root", "dst": "run-once", "catch_up": "latest", "overlap": "skip", "jitter": 0.0, "declared_in": null}',0,1.79542573818540906905e+09,NULL);
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
CREATE TABLE totals (
    metric TEXT NOT NULL,
    labels TEXT NOT NULL,
    amount REAL NOT NULL,
    sum REAL NOT NULL,
    buckets TEXT NOT NULL,
    PRIMARY KEY (metric, labels)
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
, priority TEXT NOT NULL DEFAULT 'normal', concurrency TEXT, overlap TEXT, overrides TEXT NOT NULL DEFAULT '{}', counted INTEGER NOT NULL DEFAULT 0, inbox_mark INTEGER NOT NULL DEFAULT 0);
INSERT INTO "workflows" VALUES(1,'WF-2026-001','waits',1,'succeeded','dev','{}','root','',1.7954257319410562515e+09,1.79542573196931290633e+09,1.79542573210758137696e+09,NULL,NULL,14,1,NULL,NULL,NULL,NULL,NULL,'normal',NULL,NULL,'{}',0,0);
INSERT INTO "workflows" VALUES(2,'WF-2026-002','fails',2,'failed','dev','{}','root','exit code 1',1.79542573371055483822e+09,1.79542573373420977591e+09,1.79542573378226113321e+09,NULL,NULL,9,1,NULL,NULL,NULL,NULL,NULL,'normal',NULL,NULL,'{}',0,0);
INSERT INTO "workflows" VALUES(3,'WF-2026-003','waits',1,'paused','dev','{}','root','',1.79542573456024503707e+09,1.79542573459807872776e+09,NULL,NULL,NULL,11,1,27923,55518.5,'a01c5a23-02ee-4051-8770-4445d8385656','vm pid:[4026531836]','27923-9bfd0402','normal',NULL,NULL,'{}',0,0);
INSERT INTO "workflows" VALUES(4,'WF-2026-004','listens',3,'running','dev','{}','root','',1.79542573733370804784e+09,1.79542573737232494354e+09,NULL,NULL,NULL,7,1,28242,55520.19,'a01c5a23-02ee-4051-8770-4445d8385656','vm pid:[4026531836]','28242-c5b3a5b1','normal',NULL,NULL,'{}',0,0);
INSERT INTO "workflows" VALUES(5,'WF-2026-005','waits',4,'running','dev','{}','root','',1.79542573997898912427e+09,1.7954257400259752273e+09,NULL,NULL,NULL,8,1,28792,55523.24,'a01c5a23-02ee-4051-8770-4445d8385656','vm pid:[4026531836]','28792-443b378f','normal',NULL,NULL,'{}',0,0);
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
CREATE INDEX events_of_people ON events (at) WHERE type = 'workflow_created' OR type = 'resumed'
    OR type = 'forced' OR type = 'lock_broken' OR type = 'pause_requested' OR type = 'unpaused'
    OR type = 'cancel_requested' OR type = 'completion_requested' OR type = 'resolved'
    OR type = 'approval_given' OR type = 'approval_rejected';
CREATE INDEX actions_by_subject ON actions (subject, number);
CREATE INDEX event_offers_by_number ON event_offers (number);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('claims',3);
INSERT INTO "sqlite_sequence" VALUES('requests',1);
COMMIT;
PRAGMA user_version=8;

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
INSERT INTO "actions" VALUES(1,1.79542605403348302841e+09,'store_begun','','','{"store":"5b304ad83f0b9f2a70746c2d9dd21548"}',X'BDB6EE71296C8D07682CBCD766384288864346812F07004BB5B6166DC5611A44');
INSERT INTO "actions" VALUES(2,1.79542605406850361822e+09,'anchored','','WF-2026-001','{"why":"created","seq":1,"hash":"59cbddbcd795753d85c7b7161f91f7bf6623725d6078824750cd5b7016d00322","plan":"85d5f89ce16e7a96416c4761b532f981f45a891e11c184ff8f4bba4355de7452"}',X'4E065DD01A2A916398063295D6BA33088E697B3F121F5A0B4E885CBE7B996287');
INSERT INTO "actions" VALUES(3,1.79542605507986760137e+09,'anchored','','WF-2026-001','{"why":"ended","seq":14,"hash":"09b4f94011236243726cee4a705b5b9cd09bab6138edfcdad7b703166cc5be17","plan":"85d5f89ce16e7a96416c4761b532f981f45a891e11c184ff8f4bba4355de7452"}',X'B11707F1EA8ED648D9583F85E50B03AB2A305AA66E2C0413B2C79833C7C32B34');
INSERT INTO "actions" VALUES(4,1.79542605775967431067e+09,'anchored','','WF-2026-002','{"why":"created","seq":1,"hash":"15e8d0619f38ce00ce736ee2a13fff2a788468fe889c3c607db7eccbd88fb4db","plan":"5dab4ccc0d392f0853e0e62254b2f1c104323d89077e17c8fb20176c61090b84"}',X'2656835E047EFD4DD38663A9BF04B77CFE377520AD338191B0EDD3CD5123DE80');
INSERT INTO "actions" VALUES(5,1.79542605780739593507e+09,'anchored','','WF-2026-002','{"why":"ended","seq":9,"hash":"dd72d8626f0f14c5431942674848e999b3efb568aaba339bc93d17c7234d4d1a","plan":"5dab4ccc0d392f0853e0e62254b2f1c104323d89077e17c8fb20176c61090b84"}',X'6CCDD745C361DFBD745A7E176D41AF3A34238070E23F909EA5E1A059BDBF03DB');
INSERT INTO "actions" VALUES(6,1.79542605925307679178e+09,'anchored','','WF-2026-003','{"why":"created","seq":1,"hash":"057f6973f6e3854cca5ce40782689a00fc8cbba13c57001f54cac4dd82e77158","plan":"85d5f89ce16e7a96416c4761b532f981f45a891e11c184ff8f4bba4355de7452"}',X'15F573C876766913BF05E461B9E96930046A34521D89DE0EE972A5F0319B64AF');
INSERT INTO "actions" VALUES(7,1.79542606185271525387e+09,'anchored','','WF-2026-004','{"why":"created","seq":1,"hash":"85d237a0524f4b196e040569b8dc978ac2d5ba6bf3ca0b90df1fbb23cb0ce001","plan":"f61ed9d6b436dbf8a286a73285a6e757f2310181523b5c0968c4dfd66c49efca"}',X'8CD5B006415C85CED2F0AB0195928518E1CB378FC0927302D709F7D8F4354B78');
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
INSERT INTO "claims" VALUES(2,3,'','held',1.79542605931826686855e+09,'{"db": false}','{}','{"db": 2}',1,'','[]');
INSERT INTO "claims" VALUES(3,4,'','held',1.79542606192865133278e+09,'{"other": false}','{}','{"other": 1}',1,'','[]');
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
    data TEXT NOT NULL, hash BLOB,
    PRIMARY KEY (workflow, seq)
) WITHOUT ROWID;
INSERT INTO "events" VALUES(1,1,1.79542605406850361822e+09,'workflow_created','','{"playbook":"waits","plan":"788ad72bbb0690a19ea1b8a1f023cadef2fde54db7def960bf1e57dd22454a0f","environment":"dev","parameters":{},"secret_parameters":[],"variables":{},"env":{},"options":{"parallel":false,"max_parallel":16,"checkpoint_each":false,"timeout":null,"only":[],"skip":[],"step_by_step":false},"actor":"root","priority":"normal"}',X'59CBDDBCD795753D85C7B7161F91F7BF6623725D6078824750CD5B7016D00322');
INSERT INTO "events" VALUES(1,2,1.79542605409632062907e+09,'owned','','{"epoch":1,"pid":5028,"host":"vm","boot_id":"a01c5a23-02ee-4051-8770-4445d8385656","started":55832.56,"supervisor":"5028-1d8f0840"}',X'849AFE662823A3773A8D46A1E57A643BE7ABCB96C46E3D20531E6DF33096FDA9');
INSERT INTO "events" VALUES(1,3,1.7954260540988807678e+09,'workflow_started','','{"actor":"root"}',X'49ADC0B31C5FF379FFD4EB35A9DE643AAC468B5FCB2E1258CF75A9AB9A6BB5CE');
INSERT INTO "events" VALUES(1,4,1.79542605410060596461e+09,'decided','','{"subject":"claim","value":{"locks":{"db":[false,"wait",null]},"resources":{}}}',X'1268BA55C34797DE945DF31A40535A6176CE000C6C3C6F4D5623397001D13242');
INSERT INTO "events" VALUES(1,5,1.79542605502365589138e+09,'claimed','','{"tokens":{"db":1},"waited":0.9230022430419922}',X'ADFC4D35ABCA9F4B6FE281D802D5344397F6EAD68E81D8D8C59E164B87D60CAF');
INSERT INTO "events" VALUES(1,6,1.79542605502385187142e+09,'attempt_started','one','{"id":6,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW one\" >> effects","call_digest":"c114feb713a6316a425d3472ed537f6b","definition":"025a50c39b425a1c136b5a92481890aa3a2bb213e72be80523a91f6ba8755e7e"}',X'D2B302BD61F8E141DD014F565762830CA9349CA18F376FAE6E46C3E7D5D30A78');
INSERT INTO "events" VALUES(1,7,1.7954260550452392102e+09,'attempt_finished','one','{"id":6,"number":1,"status":"succeeded","exit_code":0,"started_at":1795426055.0335917,"finished_at":1795426055.0446734,"final":true}',X'7A401BFBBDAC7E4CC1D3AA830286E667E318895F43BE793115FD9C32BDD7775B');
INSERT INTO "events" VALUES(1,8,1.79542605504544591906e+09,'attempt_started','two','{"id":8,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; until test -e go; do sleep 0.05; done","call_digest":"5135ff8c01c921e3ff78acb01f6772d3","definition":"b9cb1173b15970c413fc97d5ffbd66fe989827a4bf5557b03544dea95f0b04c1"}',X'897D8C2F7174E54C0D3E00E5C35DCF6918BB95B4C65CC30AFB8689FB5B55078E');
INSERT INTO "events" VALUES(1,9,1.7954260550713231564e+09,'attempt_finished','two','{"id":8,"number":1,"status":"succeeded","exit_code":0,"started_at":1795426055.0539982,"finished_at":1795426055.0707035,"final":true}',X'BFF09A3351CB0B08F73EC4AF08E7C187225BC40D1D30D84BA84614F863750846');
INSERT INTO "events" VALUES(1,10,1.79542605507158350942e+09,'attempt_started','three','{"id":10,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW three\" >> effects","call_digest":"ceb18f495c140528ecb64c0696356047","definition":"4a8aaf3808b0aa1d7de08cb2fd8185097790e06a52bbc0be8df7630964bce9b5"}',X'37CE00723E9B0BCCC65AEEEAA43BECAA2C5DF00BE0335AD3A44489A69D44EBE2');
INSERT INTO "events" VALUES(1,11,1.7954260550796096325e+09,'attempt_finished','three','{"id":10,"number":1,"status":"succeeded","exit_code":0,"started_at":1795426055.077534,"finished_at":1795426055.0790758,"final":true}',X'328FD65B8AC272F8F58808F8EE47FFA4F315F7BA4E8AC4F7C4C01ED426D408E2');
INSERT INTO "events" VALUES(1,12,1.79542605507976818089e+09,'claim_released','','{"tokens":{"db":1}}',X'0099D6F4103A3E8838FD74F32D6F5FB95584906815797694B43CCFA98EF8F7C8');
INSERT INTO "events" VALUES(1,13,1.79542605507983493804e+09,'workflow_finished','','{"state":"succeeded"}',X'39F659EC3E1AA12AFDD1175B02C19AC39FF6F0DCAFD68E89AF64758CC861118F');
INSERT INTO "events" VALUES(1,14,1.79542605507986760137e+09,'released','','{"epoch":1,"reason":"ended"}',X'09B4F94011236243726CEE4A705B5B9CD09BAB6138EDFCDAD7B703166CC5BE17');
INSERT INTO "events" VALUES(2,1,1.79542605775967431067e+09,'workflow_created','','{"playbook":"fails","plan":"b7c46f81f8d4db39fd2088e7ad6fe22e36c3b4cd59677bc68eb46526f54014aa","environment":"dev","parameters":{},"secret_parameters":[],"variables":{},"env":{},"options":{"parallel":false,"max_parallel":16,"checkpoint_each":false,"timeout":null,"only":[],"skip":[],"step_by_step":false},"actor":"root","priority":"normal"}',X'15E8D0619F38CE00CE736EE2A13FFF2A788468FE889C3C607DB7ECCBD88FB4DB');
INSERT INTO "events" VALUES(2,2,1.7954260577946751118e+09,'owned','','{"epoch":1,"pid":6695,"host":"vm","boot_id":"a01c5a23-02ee-4051-8770-4445d8385656","started":55839.73,"supervisor":"6695-cdb07bd0"}',X'AF4444B3C0ED188B69BB846D1E0915195671AEB8FE4BCA93D6C9039612D797D3');
INSERT INTO "events" VALUES(2,3,1.79542605779734206197e+09,'workflow_started','','{"actor":"root"}',X'27F0800CE5A907712B6B18CADBC415421A01298334318FC3A5947EBBEE3F213F');
INSERT INTO "events" VALUES(2,4,1.79542605779757022854e+09,'attempt_started','one','{"id":4,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW one\" >> effects","call_digest":"c114feb713a6316a425d3472ed537f6b","definition":"025a50c39b425a1c136b5a92481890aa3a2bb213e72be80523a91f6ba8755e7e"}',X'EA681A6A03E45F332C77F43418B49AED2152C4E83E30248063DF8ED27DC3745B');
INSERT INTO "events" VALUES(2,5,1.79542605780513787267e+09,'attempt_finished','one','{"id":4,"number":1,"status":"succeeded","exit_code":0,"started_at":1795426057.801939,"finished_at":1795426057.80473,"final":true}',X'79B777FE0DF445A67EE932F82003FEAA753376E316886C8C46EFFA2090F61971');
INSERT INTO "events" VALUES(2,6,1.79542605780526185041e+09,'attempt_started','two','{"id":6,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; test -e mended","call_digest":"6c41a541cba584334dc024743480ec3d","definition":"3ef9ae430ca1622336305d3b74866904dc7116dfb8ea8826ee7b0a1232b8be62"}',X'6E5D62F11DBC71F4D698511EEA73BC06E13B62E9C59917F6B70E4376277EA66C');
INSERT INTO "events" VALUES(2,7,1.79542605780729866028e+09,'attempt_finished','two','{"id":6,"number":1,"status":"failed","exit_code":1,"message":"exit code 1","started_at":1795426057.806207,"finished_at":1795426057.8071005,"final":true}',X'347B71FAA1182346D11F6DD0467AC2FDA2033FBB4A42D9B23AD30F2EFD0F1080');
INSERT INTO "events" VALUES(2,8,1.7954260578073785305e+09,'workflow_finished','','{"state":"failed","error":{"step":"two","message":"exit code 1","exit_code":1,"timed_out":false}}',X'B2CA5587504D0D5CD71FEBBFE87B9675B6E3796E0CBC4CC36B41C420FD0B9454');
INSERT INTO "events" VALUES(2,9,1.79542605780739593507e+09,'released','','{"epoch":1,"reason":"ended"}',X'DD72D8626F0F14C5431942674848E999B3EFB568AABA339BC93D17C7234D4D1A');
INSERT INTO "events" VALUES(3,1,1.79542605925307679178e+09,'workflow_created','','{"playbook":"waits","plan":"788ad72bbb0690a19ea1b8a1f023cadef2fde54db7def960bf1e57dd22454a0f","environment":"dev","parameters":{},"secret_parameters":[],"variables":{},"env":{},"options":{"parallel":false,"max_parallel":16,"checkpoint_each":false,"timeout":null,"only":[],"skip":[],"step_by_step":false},"actor":"root","priority":"normal"}',X'057F6973F6E3854CCA5CE40782689A00FC8CBBA13C57001F54CAC4DD82E77158');
INSERT INTO "events" VALUES(3,2,1.79542605928167700764e+09,'owned','','{"epoch":1,"pid":7336,"host":"vm","boot_id":"a01c5a23-02ee-4051-8770-4445d8385656","started":55842.53,"supervisor":"7336-92a021c1"}',X'E9F8F64EC618D181758F5685BE3A69A70884915BE2FDEC75B37C6910ABDBAEF1');
INSERT INTO "events" VALUES(3,3,1.79542605930588603023e+09,'workflow_started','','{"actor":"root"}',X'AEE3BA77D449DE84F4157CC05D9B9703FDC16EFC74C257179B539618C7C3FF2B');
INSERT INTO "events" VALUES(3,4,1.7954260593077206612e+09,'decided','','{"subject":"claim","value":{"locks":{"db":[false,"wait",null]},"resources":{}}}',X'6CE08FF18460E2DDE3A3547D77D938BA5FECBC3BB4D62541479C6F56CF4BF7C4');
INSERT INTO "events" VALUES(3,5,1.7954260593246033191e+09,'claimed','','{"tokens":{"db":2},"waited":0.016839265823364258}',X'4A1C9B4864B96528F88314D0B6F59A88E6773723CC2C2765E56CF25012A1348B');
INSERT INTO "events" VALUES(3,6,1.79542605932567024226e+09,'attempt_started','one','{"id":6,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW one\" >> effects","call_digest":"c114feb713a6316a425d3472ed537f6b","definition":"025a50c39b425a1c136b5a92481890aa3a2bb213e72be80523a91f6ba8755e7e"}',X'5083263C0BC7047842FF809699FA5F105B52C1108B14909A943E955BE703C5A6');
INSERT INTO "events" VALUES(3,7,1.79542605934051895145e+09,'attempt_finished','one','{"id":6,"number":1,"status":"succeeded","exit_code":0,"started_at":1795426059.3371444,"finished_at":1795426059.339971,"final":true}',X'84251DA0876A374D035CA79117C19BE250D1DCE736605FBC4113592102C0009C');
INSERT INTO "events" VALUES(3,8,1.7954260593407428265e+09,'attempt_started','two','{"id":8,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; until test -e go; do sleep 0.05; done","call_digest":"5135ff8c01c921e3ff78acb01f6772d3","definition":"b9cb1173b15970c413fc97d5ffbd66fe989827a4bf5557b03544dea95f0b04c1"}',X'B9D7D6B1BEB47CB2257CA77527AB2EC0C33F38B4C6872F8F30247D24CCEEFFB0');
INSERT INTO "events" VALUES(3,9,1.79542606007911396026e+09,'pause_requested','','{"actor":"root","now":false,"checkpoint":false}',X'513D66E3056C681B297BE98E86BFE384D7CEC2F937451BADE43D654B23A82072');
INSERT INTO "events" VALUES(3,10,1.79542606018957877161e+09,'attempt_finished','two','{"id":8,"number":1,"status":"succeeded","exit_code":0,"started_at":1795426059.3511944,"finished_at":1795426060.188936,"final":true}',X'DCA94C75C6196AA3AE350EAAA119818EC725365D137DBD632B9476C78A549099');
INSERT INTO "events" VALUES(3,11,1.79542606018978476525e+09,'paused','','{}',X'1AA638F2EA06EDF548D0F12B14C5E3E7E49E67B3B3A6A9739370ADCA3D6A609F');
INSERT INTO "events" VALUES(4,1,1.79542606185271525387e+09,'workflow_created','','{"playbook":"waits","plan":"95f5a41a20898b922457eea56771f624c429d2cafe93e4fc9d17f3367f104f03","environment":"dev","parameters":{},"secret_parameters":[],"variables":{},"env":{},"options":{"parallel":false,"max_parallel":16,"checkpoint_each":false,"timeout":null,"only":[],"skip":[],"step_by_step":false},"actor":"root","priority":"normal"}',X'85D237A0524F4B196E040569B8DC978AC2D5BA6BF3CA0B90DF1FBB23CB0CE001');
INSERT INTO "events" VALUES(4,2,1.79542606190152049063e+09,'owned','','{"epoch":1,"pid":8101,"host":"vm","boot_id":"a01c5a23-02ee-4051-8770-4445d8385656","started":55845.18,"supervisor":"8101-def4addf"}',X'27196787E3B79A9D98DF0ED1D6E3F4E89D73ACB51BC4E17873FABE39F77597C1');
INSERT INTO "events" VALUES(4,3,1.79542606191692495349e+09,'workflow_started','','{"actor":"root"}',X'D6CB562D817AF85E74FAFED3AF210DB175F8532864CF54AF60F8956597D7FD2D');
INSERT INTO "events" VALUES(4,4,1.79542606192527699465e+09,'decided','','{"subject":"claim","value":{"locks":{"other":[false,"wait",null]},"resources":{}}}',X'C15F4DDB174E3AD0B7E0C105384B47289DA561DA28FD466DAB6F4F750D1C8134');
INSERT INTO "events" VALUES(4,5,1.79542606194150424002e+09,'claimed','','{"tokens":{"other":1},"waited":0.016167402267456055}',X'8E4CBFBAA499032C621C62140B41AB14C46D718C29B81062066C6618307435A3');
INSERT INTO "events" VALUES(4,6,1.79542606194169163699e+09,'attempt_started','one','{"id":6,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW one\" >> effects","call_digest":"c114feb713a6316a425d3472ed537f6b","definition":"025a50c39b425a1c136b5a92481890aa3a2bb213e72be80523a91f6ba8755e7e"}',X'B0D748E87BFAEB69FF02B184F192B08BFB1A8EAFE964896DB44D8941635AEA82');
INSERT INTO "events" VALUES(4,7,1.79542606197138810159e+09,'attempt_finished','one','{"id":6,"number":1,"status":"succeeded","exit_code":0,"started_at":1795426061.9617302,"finished_at":1795426061.966965,"final":true}',X'5E2541C0AE98B39AC450715627419481B49D7BE0F434469E48E5358C7607A7B2');
INSERT INTO "events" VALUES(4,8,1.79542606197158479686e+09,'attempt_started','two','{"id":8,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; until test -e go; do sleep 0.05; done","call_digest":"5135ff8c01c921e3ff78acb01f6772d3","definition":"b9cb1173b15970c413fc97d5ffbd66fe989827a4bf5557b03544dea95f0b04c1"}',X'04F5916BA33F029E941A232BA6D2A8F61AE034E846CBDDE353397694D39B8EB1');
CREATE TABLE facts (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO "facts" VALUES('pruned_at','1795426055.0907261');
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
INSERT INTO "requests" VALUES(1,3,1.79542606005251741412e+09,'pause','{"actor":"root","now":false,"checkpoint":false}','7694-316c4313','done','null');
CREATE TABLE schedules (
    name TEXT PRIMARY KEY,
    body TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    decided_until REAL NOT NULL,
    next_due REAL
);
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
INSERT INTO "workflows" VALUES(1,'WF-2026-001','waits',1,'succeeded','dev','{}','root','',1.79542605406850361822e+09,1.7954260540988807678e+09,1.79542605507983493804e+09,NULL,NULL,14,1,NULL,NULL,NULL,NULL,NULL,'normal',NULL,NULL,'{}');
INSERT INTO "workflows" VALUES(2,'WF-2026-002','fails',2,'failed','dev','{}','root','exit code 1',1.79542605775967431067e+09,1.79542605779734206197e+09,1.7954260578073785305e+09,NULL,NULL,9,1,NULL,NULL,NULL,NULL,NULL,'normal',NULL,NULL,'{}');
INSERT INTO "workflows" VALUES(3,'WF-2026-003','waits',1,'paused','dev','{}','root','',1.79542605925307679178e+09,1.79542605930588603023e+09,NULL,NULL,NULL,11,1,7336,55842.53,'a01c5a23-02ee-4051-8770-4445d8385656','vm pid:[4026531836]','7336-325e767b','normal',NULL,NULL,'{}');
INSERT INTO "workflows" VALUES(4,'WF-2026-004','waits',3,'running','dev','{}','root','',1.79542606185271525387e+09,1.79542606191692495349e+09,NULL,NULL,NULL,8,1,8101,55845.18,'a01c5a23-02ee-4051-8770-4445d8385656','vm pid:[4026531836]','8101-e3334cca','normal',NULL,NULL,'{}');
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
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('claims',3);
INSERT INTO "sqlite_sequence" VALUES('requests',1);
COMMIT;
PRAGMA user_version=6;

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
INSERT INTO "actions" VALUES(1,1.79542574885285186763e+09,'store_begun','','','{"store":"ea76d5282b8ca09db676c9cfcd1714b7"}',X'66E9FF1C3549EADF478A4639918724594E01AD03757DB1F43E20CA271CC54352');
INSERT INTO "actions" VALUES(2,1.79542574888112664221e+09,'anchored','','WF-2026-001','{"why":"created","seq":1,"hash":"385b8626bbba59b856786abab7c833edc39b106ed2b0bf4878950db3489cb101","plan":"ebc5b2818bf234fdaa8d95cb2cd96173cef2acb918b899f1cca05b04967f2d33"}',X'E04C5E31BACB2503984F92CC74FF62C24E353E497622ADE60F2140A9F8D9FE2F');
INSERT INTO "actions" VALUES(3,1.79542574902955722805e+09,'anchored','','WF-2026-001','{"why":"ended","seq":14,"hash":"b491a19f6ad250335a83746cc1c9d961f011d80d1c476fa65c7951098183ffac","plan":"ebc5b2818bf234fdaa8d95cb2cd96173cef2acb918b899f1cca05b04967f2d33"}',X'7ADDB9C3C714A7044D78CC2440F260A35B4C206889CA20B79685EA7363E5DA6C');
INSERT INTO "actions" VALUES(4,1.79542575094593334196e+09,'anchored','','WF-2026-002','{"why":"created","seq":1,"hash":"f32e15cfece892672cb832e2a0d8fbc1f2613a764d6ae3bc75cc5e7f3dbbfcd2","plan":"b1bc451b603da7c2d18a9cb5758ded18da6d08c84d2c010e6bdaefbe2383b7d8"}',X'5DD47502E30F719639E0F3256D36286379A77CAC8FC71297C2CFB0F46CAFF232');
INSERT INTO "actions" VALUES(5,1.79542575109050488472e+09,'anchored','','WF-2026-002','{"why":"ended","seq":9,"hash":"2850397d4a52731a120318d58f23d279514e255f3a875214d9b25befbe18162d","plan":"b1bc451b603da7c2d18a9cb5758ded18da6d08c84d2c010e6bdaefbe2383b7d8"}',X'DE7D875CC35408FBF96E98CFEF13E0FDC47D4F11B1FF2AD764B68DE4016D4F1A');
INSERT INTO "actions" VALUES(6,1.79542575205410718922e+09,'anchored','','WF-2026-003','{"why":"created","seq":1,"hash":"c6da4296ecc7bb19a2d7a7a2dd350e041013451bc706a63f62feb28f89791197","plan":"ebc5b2818bf234fdaa8d95cb2cd96173cef2acb918b899f1cca05b04967f2d33"}',X'C97172DFCCBEE2918A4D793B83C9FF7BC537D2E0D2D495FE60FB2809367DBDD1');
INSERT INTO "actions" VALUES(7,1.79542575456292939186e+09,'anchored','','WF-2026-004','{"why":"created","seq":1,"hash":"62029ee4557f176d14c555e91b7d6bbab6d6f5a46f833a4385d5ee2e44baaead","plan":"34df28e4e50611c09203e1deae952e0222c2668c0fe40b69f973a4164dc08126"}',X'F9C18FAAE35F6CF0B23E96B6AE5425714B4097072D7E10E7229715B6F45A6C4C');
INSERT INTO "actions" VALUES(8,1.79542575563360023494e+09,'schedule_added','root','fails','{"from":{"host":"vm","pid":32074},"after":{"name":"fails","playbook":"fails","cron":"0 2 * * *","zone":"Etc/UTC","environment":null,"parameters":{},"actor":"root","dst":"run-once","catch_up":"latest","overlap":"skip","jitter":0.0,"declared_in":null,"enabled":false}}',X'21C43398C04C2E69D97C1C9BC0A46BBBDA9F02DE0C9E1233AD30096FDA58DF4F');
INSERT INTO "actions" VALUES(9,1.79542575691660094257e+09,'anchored','','WF-2026-005','{"why":"created","seq":1,"hash":"eee63281a045e604013179c3a5bc73966b331b599cf47854d1994fd8fd73a68a","plan":"9a308e17df05b113c47bef4cb680dc205cc31c0793080b7b45e63d41608b7738"}',X'B57049EE82B942EAD5E5BE787B9D524E00CBD7C0C22AC85B4DC46D4D40BC8DDC');
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
INSERT INTO "claims" VALUES(2,3,'','held',1.79542575213122296328e+09,'{"db": false}','{}','{"db": 2}',1,'','[]');
INSERT INTO "claims" VALUES(3,5,'','held',1.79542575757082295421e+09,'{"other": false}','{}','{"other": 1}',1,'','[]');
CREATE TABLE counters (
    year INTEGER PRIMARY KEY,
    last INTEGER NOT NULL
);
INSERT INTO "counters" VALUES(2026,5);
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
CREATE TABLE delivery_memories (
    channel TEXT NOT NULL,
    scope TEXT NOT NULL,
    body TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (channel, scope)
) WITHOUT ROWID;
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
INSERT INTO "events" VALUES(1,1,1.79542574888112664221e+09,'workflow_created','','{"playbook":"waits","plan":"788ad72bbb0690a19ea1b8a1f023cadef2fde54db7def960bf1e57dd22454a0f","environment":"dev","parameters":{},"secret_parameters":[],"variables":{},"env":{},"options":{"parallel":false,"max_parallel":16,"checkpoint_each":false,"timeout":null,"only":[],"skip":[],"step_by_step":false},"actor":"root","priority":"normal","from":{"host":"vm","pid":29844}}',X'385B8626BBBA59B856786ABAB7C833EDC39B106ED2B0BF4878950DB3489CB101');
INSERT INTO "events" VALUES(1,2,1.79542574889250278473e+09,'owned','','{"epoch":1,"pid":29844,"host":"vm","boot_id":"a01c5a23-02ee-4051-8770-4445d8385656","started":55529.04,"supervisor":"29844-554feee2"}',X'3B8057A10DFDDA5DA8DC8FC052EEF023BAE105ADF217A300C4EFA6D7C5C29A8B');
INSERT INTO "events" VALUES(1,3,1.79542574890771389011e+09,'workflow_started','','{"actor":"root"}',X'DB5C8300054A5BF220BEE8E97F594D1D3122CD181A0EB634ED1BF9EC27173EF2');
INSERT INTO "events" VALUES(1,4,1.79542574891448664664e+09,'decided','','{"subject":"claim","value":{"locks":{"db":[false,"wait",null]},"resources":{}}}',X'E2FE947889F172D011C4237C43076B785ACB6E4DD9EF171191535AC8082C0199');
INSERT INTO "events" VALUES(1,5,1.79542574896138310436e+09,'claimed','','{"tokens":{"db":1},"waited":0.04663228988647461}',X'CBE5A6F5FF5A538A724E1C0C7C1795DAF605A17148D9FA585339706242E1DD39');
INSERT INTO "events" VALUES(1,6,1.79542574896157598489e+09,'attempt_started','one','{"id":6,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW one\" >> effects","call_digest":"c114feb713a6316a425d3472ed537f6b","definition":"025a50c39b425a1c136b5a92481890aa3a2bb213e72be80523a91f6ba8755e7e"}',X'87CD1CFC893F4A80B3515A1BDADD6FF8C5F2A034D40EA2CFEC5EC2BBAE936619');
INSERT INTO "events" VALUES(1,7,1.79542574897406291955e+09,'attempt_finished','one','{"id":6,"number":1,"status":"succeeded","exit_code":0,"started_at":1795425748.9666212,"finished_at":1795425748.9733968,"final":true}',X'99D437074C108274A291F9EBE6C3AEA86EA8DB01F6794CA29BC728AFEC702967');
INSERT INTO "events" VALUES(1,8,1.7954257489743742943e+09,'attempt_started','two','{"id":8,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; until test -e go; do sleep 0.05; done","call_digest":"5135ff8c01c921e3ff78acb01f6772d3","definition":"b9cb1173b15970c413fc97d5ffbd66fe989827a4bf5557b03544dea95f0b04c1"}',X'0760EFCC4090BA9FA2AAAD26598B06C72BAD3B21580E2B6EFC742FA0832F03D9');
INSERT INTO "events" VALUES(1,9,1.79542574898509216304e+09,'attempt_finished','two','{"id":8,"number":1,"status":"succeeded","exit_code":0,"started_at":1795425748.9777138,"finished_at":1795425748.9836895,"final":true}',X'7524E4CC5E288A53FC136108761FA3A7664ED7B6413186CD5F94DC7E783036F2');
INSERT INTO "events" VALUES(1,10,1.79542574898976421355e+09,'attempt_started','three','{"id":10,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW three\" >> effects","call_digest":"ceb18f495c140528ecb64c0696356047","definition":"4a8aaf3808b0aa1d7de08cb2fd8185097790e06a52bbc0be8df7630964bce9b5"}',X'390BF3EC96FA0901D04858C5FF87CCE8EC493FD8F8711B276C3AEA2B03BBA43B');
INSERT INTO "events" VALUES(1,11,1795425749.02927,'attempt_finished','three','{"id":10,"number":1,"status":"succeeded","exit_code":0,"started_at":1795425749.021914,"finished_at":1795425749.0264606,"final":true}',X'44FD8A2D36ECC0014B3CC9319644F27ABC301C23039D3AA0A2BDC9A0D3A95E5D');
INSERT INTO "events" VALUES(1,12,1.79542574902943921091e+09,'claim_released','','{"tokens":{"db":1}}',X'3F486ACD9875CB9CA329B0E9592D5B80D40A8B1C1A67C84E54FA4DDFA230391D');
INSERT INTO "events" VALUES(1,13,1.795425749029512167e+09,'workflow_finished','','{"state":"succeeded"}',X'8F53D5A673D76AAF0A81AA250892409552E32C7760B4143F9B18DCD1DB8A50CB');
INSERT INTO "events" VALUES(1,14,1.79542574902955722805e+09,'released','','{"epoch":1,"reason":"ended"}',X'B491A19F6AD250335A83746CC1C9D961F011D80D1C476FA65C7951098183FFAC');
INSERT INTO "events" VALUES(2,1,1.79542575094593334196e+09,'workflow_created','','{"playbook":"fails","plan":"b7c46f81f8d4db39fd2088e7ad6fe22e36c3b4cd59677bc68eb46526f54014aa","environment":"dev","parameters":{},"secret_parameters":[],"variables":{},"env":{},"options":{"parallel":false,"max_parallel":16,"checkpoint_each":false,"timeout":null,"only":[],"skip":[],"step_by_step":false},"actor":"root","priority":"normal","from":{"host":"vm","pid":30861}}',X'F32E15CFECE892672CB832E2A0D8FBC1F2613A764D6AE3BC75CC5E7F3DBBFCD2');
INSERT INTO "events" VALUES(2,2,1.79542575101439952855e+09,'owned','','{"epoch":1,"pid":30861,"host":"vm","boot_id":"a01c5a23-02ee-4051-8770-4445d8385656","started":55533.83,"supervisor":"30861-d03dba2c"}',X'0A77D5B65B8335A4CD8F2972E9C66784E4FC0D8815CC4F06CD854719AEED20EC');
INSERT INTO "events" VALUES(2,3,1.79542575103747701651e+09,'workflow_started','','{"actor":"root"}',X'AD013946D2BC6CECCCEC04EA88BC1597AF18C8C03E19ABD5F1B3D3CD73A78777');
INSERT INTO "events" VALUES(2,4,1.79542575103768348694e+09,'attempt_started','one','{"id":4,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW one\" >> effects","call_digest":"c114feb713a6316a425d3472ed537f6b","definition":"025a50c39b425a1c136b5a92481890aa3a2bb213e72be80523a91f6ba8755e7e"}',X'660099A7C625C49270ED3E9A7F66B5562220F66CA25F5C1FBD7674E3DFD0E0A8');
INSERT INTO "events" VALUES(2,5,1.79542575106038045885e+09,'attempt_finished','one','{"id":4,"number":1,"status":"succeeded","exit_code":0,"started_at":1795425751.0462763,"finished_at":1795425751.0545156,"final":true}',X'ACC06339AD16424F27AE46292E1E27166F3FDA516C3BF76BE165A0FD85B5DE16');
INSERT INTO "events" VALUES(2,6,1.79542575106057405468e+09,'attempt_started','two','{"id":6,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; test -e mended","call_digest":"6c41a541cba584334dc024743480ec3d","definition":"3ef9ae430ca1622336305d3b74866904dc7116dfb8ea8826ee7b0a1232b8be62"}',X'5FDE123CD8B7FCC367F19320E641162F7D9FC18546DE718D335A6F865DB8BE11');
INSERT INTO "events" VALUES(2,7,1.79542575109034848214e+09,'attempt_finished','two','{"id":6,"number":1,"status":"failed","exit_code":1,"message":"exit code 1","started_at":1795425751.0852935,"finished_at":1795425751.0899909,"final":true}',X'0BF5CFB0C4B70A8939351A55B9E0CB038F862E17978C128104813F58CA7DF9C9');
INSERT INTO "events" VALUES(2,8,1.79542575109047889705e+09,'workflow_finished','','{"state":"failed","error":{"step":"two","message":"exit code 1","exit_code":1,"timed_out":false}}',X'E2B00E6EA6270B840428268F47D5CBFE3CCFF66CD8609496651BB3FEEEF8DF4B');
INSERT INTO "events" VALUES(2,9,1.79542575109050488472e+09,'released','','{"epoch":1,"reason":"ended"}',X'2850397D4A52731A120318D58F23D279514E255F3A875214D9B25BEFBE18162D');
INSERT INTO "events" VALUES(3,1,1.79542575205410718922e+09,'workflow_created','','{"playbook":"waits","plan":"788ad72bbb0690a19ea1b8a1f023cadef2fde54db7def960bf1e57dd22454a0f","environment":"dev","parameters":{},"secret_parameters":[],"variables":{},"env":{},"options":{"parallel":false,"max_parallel":16,"checkpoint_each":false,"timeout":null,"only":[],"skip":[],"step_by_step":false},"actor":"root","priority":"normal","from":{"host":"vm","pid":31248}}',X'C6DA4296ECC7BB19A2D7A7A2DD350E041013451BC706A63F62FEB28F89791197');
INSERT INTO "events" VALUES(3,2,1.79542575209805655477e+09,'owned','','{"epoch":1,"pid":31248,"host":"vm","boot_id":"a01c5a23-02ee-4051-8770-4445d8385656","started":55535.84,"supervisor":"31248-64319624"}',X'91ACBF77816A0E9CE672B133F2A643DC9A1D268A0A2EB71CE5DE927A40C01B1E');
INSERT INTO "events" VALUES(3,3,1.79542575211849927897e+09,'workflow_started','','{"actor":"root"}',X'4551AA441B9B7FB248973BC9917BBDE796A8A656C69F11F886E8B14A0DFAB1BE');
INSERT INTO "events" VALUES(3,4,1.79542575211910247802e+09,'decided','','{"subject":"claim","value":{"locks":{"db":[false,"wait",null]},"resources":{}}}',X'E923881AB62C3979FAD621F6A96AFB5B6493631B7BC04797727B406C83816707');
INSERT INTO "events" VALUES(3,5,1.79542575215331459042e+09,'claimed','','{"tokens":{"db":2},"waited":0.034166574478149414}',X'42DD437FD1F7D78295B18756F48F0B9031AB7E74866D166AEA5A752BCBCDE821');
INSERT INTO "events" VALUES(3,6,1.79542575215349483491e+09,'attempt_started','one','{"id":6,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW one\" >> effects","call_digest":"c114feb713a6316a425d3472ed537f6b","definition":"025a50c39b425a1c136b5a92481890aa3a2bb213e72be80523a91f6ba8755e7e"}',X'F3EE0C1F9FC3E71495B69985F7BB3C493D60A204E9BF7DDA1BD9CC57AD26559A');
INSERT INTO "events" VALUES(3,7,1.7954257521759059429e+09,'attempt_finished','one','{"id":6,"number":1,"status":"succeeded","exit_code":0,"started_at":1795425752.1619895,"finished_at":1795425752.1675508,"final":true}',X'6E5CFD1637BBB16FFDAC6D754036E4B255F2F0B204768557D19CC57656B3862F');
INSERT INTO "events" VALUES(3,8,1.79542575217609143255e+09,'attempt_started','two','{"id":8,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; until test -e go; do sleep 0.05; done","call_digest":"5135ff8c01c921e3ff78acb01f6772d3","definition":"b9cb1173b15970c413fc97d5ffbd66fe989827a4bf5557b03544dea95f0b04c1"}',X'3C4A73A30254C3C1E94C08EF6D866ADBD81C3B5E4FDB17C9DF7D8A9086E1D5C9');
INSERT INTO "events" VALUES(3,9,1.79542575290319776542e+09,'pause_requested','','{"actor":"root","now":false,"checkpoint":false,"from":{"host":"vm","pid":31490},"before":{"state":"running"}}',X'26082C5A82D7144E1684CF3E3E692547A5B39B9C622729FC99977B6253EC46E8');
INSERT INTO "events" VALUES(3,10,1.79542575298858404159e+09,'attempt_finished','two','{"id":8,"number":1,"status":"succeeded","exit_code":0,"started_at":1795425752.1853228,"finished_at":1795425752.9842155,"final":true}',X'5B0260185E55D528614E131D380E33717327B2C2443F12C414367B0536F00224');
INSERT INTO "events" VALUES(3,11,1.79542575298875451087e+09,'paused','','{}',X'00F1D3B491F169C50594122C7655CB130DD6FC81C131CCD83F5C572835EC12AF');
INSERT INTO "events" VALUES(4,1,1.79542575456292939186e+09,'workflow_created','','{"playbook":"listens","plan":"e606ab6f32279ce6809943fed3406a8b54b7914abaf058bd92732f5367634013","environment":"dev","parameters":{},"secret_parameters":[],"variables":{},"env":{},"options":{"parallel":false,"max_parallel":16,"checkpoint_each":false,"timeout":null,"only":[],"skip":[],"step_by_step":false},"actor":"root","priority":"normal","from":{"host":"vm","pid":31715}}',X'62029EE4557F176D14C555E91B7D6BBAB6D6F5A46F833A4385D5EE2E44BAAEAD');
INSERT INTO "events" VALUES(4,2,1.7954257545935413837e+09,'owned','','{"epoch":1,"pid":31715,"host":"vm","boot_id":"a01c5a23-02ee-4051-8770-4445d8385656","started":55537.75,"supervisor":"31715-03b65c77"}',X'99EE2CA4BFC459B4CECA70BF251B91ACACE77280F329DCB46EC19700570E38B5');
INSERT INTO "events" VALUES(4,3,1.79542575460678076738e+09,'workflow_started','','{"actor":"root"}',X'658A436EA8B563D4659FA83CE77D7CA0A206AED3B0E50DEED822289818335C91');
INSERT INTO "events" VALUES(4,4,1.7954257546069998741e+09,'attempt_started','one','{"id":4,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW one\" >> effects","call_digest":"c114feb713a6316a425d3472ed537f6b","definition":"025a50c39b425a1c136b5a92481890aa3a2bb213e72be80523a91f6ba8755e7e"}',X'81D524434B4AAFE5A5987F598816424B2B543EB50796800D01C14B7688D03647');
INSERT INTO "events" VALUES(4,5,1.79542575462393856049e+09,'attempt_finished','one','{"id":4,"number":1,"status":"succeeded","exit_code":0,"started_at":1795425754.6195257,"finished_at":1795425754.62344,"final":true}',X'F7FDD8DE70FD563E855D3640043BBD98C0C532C517AA0CFDCC8043E3E4B0AB01');
INSERT INTO "events" VALUES(4,6,1.79542575465231537819e+09,'step_started','told','{"kind":"wait"}',X'01E8DE34C2B366E57C25DDB0231E0BC1F01D75F9A090FE81B749CA70BE05D0F2');
INSERT INTO "events" VALUES(4,7,1.79542575465241360669e+09,'event_awaited','told','{"event":"go","since":"step"}',X'B0CDE978F7CDFFEC0FA4B23788884A445BED4F644EC6FEA179D5B6C29EC1A622');
INSERT INTO "events" VALUES(5,1,1.79542575691660094257e+09,'workflow_created','','{"playbook":"waits","plan":"95f5a41a20898b922457eea56771f624c429d2cafe93e4fc9d17f3367f104f03","environment":"dev","parameters":{},"secret_parameters":[],"variables":{},"env":{},"options":{"parallel":false,"max_parallel":16,"checkpoint_each":false,"timeout":null,"only":[],"skip":[],"step_by_step":false},"actor":"root","priority":"normal","from":{"host":"vm","pid":32196}}',X'EEE63281A045E604013179C3A5BC73966B331B599CF47854D1994FD8FD73A68A');
INSERT INTO "events" VALUES(5,2,1.79542575753312182423e+09,'owned','','{"epoch":1,"pid":32196,"host":"vm","boot_id":"a01c5a23-02ee-4051-8770-4445d8385656","started":55540.29,"supervisor":"32196-e2d2356f"}',X'A51ED0369817501D5CB4C1EBC6524254F6D86192C8F90A1CFE77363B875BA2A8');
INSERT INTO "events" VALUES(5,3,1.79542575755083560944e+09,'workflow_started','','{"actor":"root"}',X'3F7BC834E7C304BCD9CEB5A91B8B0DE1F2F3CA76D231416B92A64D08569B0ACB');
INSERT INTO "events" VALUES(5,4,1.79542575755131745334e+09,'decided','','{"subject":"claim","value":{"locks":{"other":[false,"wait",null]},"resources":{}}}',X'050648A85E3F014CD2A69688FFE4F44C873A5FF73B693B038CA0FAA28CE8071A');
INSERT INTO "events" VALUES(5,5,1.79542575760134983059e+09,'claimed','','{"tokens":{"other":1},"waited":0.04999089241027832}',X'ED29D63698C3983A7D026F31464BAE23C1A972B65DEB6A23B4D558E285D1DDC4');
INSERT INTO "events" VALUES(5,6,1.79542575760154438013e+09,'attempt_started','one','{"id":6,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW one\" >> effects","call_digest":"c114feb713a6316a425d3472ed537f6b","definition":"025a50c39b425a1c136b5a92481890aa3a2bb213e72be80523a91f6ba8755e7e"}',X'886BF547580E44179B96E1DA3D00237702FB36A481E85F6259E51B4CBBD21D23');
INSERT INTO "events" VALUES(5,7,1.7954257576372277737e+09,'attempt_finished','one','{"id":6,"number":1,"status":"succeeded","exit_code":0,"started_at":1795425757.6104317,"finished_at":1795425757.6215508,"final":true}',X'BFC89C52959F338060371F4634782CA2B2081DB681791E53D3624A429599474C');
INSERT INTO "events" VALUES(5,8,1.79542575763742804522e+09,'attempt_started','two','{"id":8,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; until test -e go; do sleep 0.05; done","call_digest":"5135ff8c01c921e3ff78acb01f6772d3","definition":"b9cb1173b15970c413fc97d5ffbd66fe989827a4bf5557b03544dea95f0b04c1"}',X'F0A93B898CECC3CBCDE64368A70A9B902B73BFAB83B719B2186AB14E39AABC71');
CREATE TABLE facts (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO "facts" VALUES('pruned_at','1795425749.0471523');
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
INSERT INTO "requests" VALUES(1,3,1.79542575287876200675e+09,'pause','{"actor":"root","now":false,"checkpoint":false,"from":{"host":"vm","pid":31490}}','31490-79236477','done','null');
CREATE TABLE schedules (
    name TEXT PRIMARY KEY,
    body TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    decided_until REAL NOT NULL,
    next_due REAL
);
INSERT INTO "schedules" VALUES('fails','{"name": "fails", "playbook": "fails", "cron": "0 2 * * *", "zone": "Etc/UTC", "environment": null, "parameters": {}, "actor": "root", "dst": "run-once", "catch_up": "latest", "overlap": "skip", "jitter": 0.0, "declared_in": null}',0,1.79542575535096740721e+09,NULL);
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
CREATE TABLE subscriptions (
    workflow INTEGER NOT NULL REFERENCES workflows (number),
    integration TEXT NOT NULL,
    channel TEXT NOT NULL,
    events TEXT NOT NULL,
    failed_at REAL,
    PRIMARY KEY (workflow, integration)
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
INSERT INTO "workflows" VALUES(1,'WF-2026-001','waits',1,'succeeded','dev','{}','root','',1.79542574888112664221e+09,1.79542574890771389011e+09,1.795425749029512167e+09,NULL,NULL,14,1,NULL,NULL,NULL,NULL,NULL,'normal',NULL,NULL,'{}',0,0);
INSERT INTO "workflows" VALUES(2,'WF-2026-002','fails',2,'failed','dev','{}','root','exit code 1',1.79542575094593334196e+09,1.79542575103747701651e+09,1.79542575109047889705e+09,NULL,NULL,9,1,NULL,NULL,NULL,NULL,NULL,'normal',NULL,NULL,'{}',0,0);
INSERT INTO "workflows" VALUES(3,'WF-2026-003','waits',1,'paused','dev','{}','root','',1.79542575205410718922e+09,1.79542575211849927897e+09,NULL,NULL,NULL,11,1,31248,55535.84,'a01c5a23-02ee-4051-8770-4445d8385656','vm pid:[4026531836]','31248-c21470eb','normal',NULL,NULL,'{}',0,0);
INSERT INTO "workflows" VALUES(4,'WF-2026-004','listens',3,'running','dev','{}','root','',1.79542575456292939186e+09,1.79542575460678076738e+09,NULL,NULL,NULL,7,1,31715,55537.75,'a01c5a23-02ee-4051-8770-4445d8385656','vm pid:[4026531836]','31715-0db950f2','normal',NULL,NULL,'{}',0,0);
INSERT INTO "workflows" VALUES(5,'WF-2026-005','waits',4,'running','dev','{}','root','',1.79542575691660094257e+09,1.79542575755083560944e+09,NULL,NULL,NULL,8,1,32196,55540.29,'a01c5a23-02ee-4051-8770-4445d8385656','vm pid:[4026531836]','32196-928cfbb7','normal',NULL,NULL,'{}',0,0);
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
CREATE INDEX deliveries_in_line ON deliveries (channel, number) WHERE state = 'waiting';
CREATE INDEX deliveries_failed ON deliveries (number) WHERE state IN ('refused', 'given_up');
CREATE INDEX workflows_ended ON workflows (playbook, environment, finished_at)
    WHERE finished_at IS NOT NULL;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('claims',3);
INSERT INTO "sqlite_sequence" VALUES('requests',1);
COMMIT;
PRAGMA user_version=9;

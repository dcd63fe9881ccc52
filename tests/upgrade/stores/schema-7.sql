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
INSERT INTO "actions" VALUES(1,1.79542607103630566601e+09,'store_begun','','','{"store":"4f57665bd606b8100862d16cf5c3d54b"}',X'0D15A3F192274007464181BC61BB773573335EC20D5FDFE60AE3C72BE4AFCC3B');
INSERT INTO "actions" VALUES(2,1.79542607106251382825e+09,'anchored','','WF-2026-001','{"why":"created","seq":1,"hash":"ff6b56ad6154df68da2e5c935ccb318381dec27e19d09be17b70b54ff6584d82","plan":"85d5f89ce16e7a96416c4761b532f981f45a891e11c184ff8f4bba4355de7452"}',X'D6782925F1FFB9C332919FCF37B53292A370F8ED58A168DDD3B576EC5FCD0075');
INSERT INTO "actions" VALUES(3,1.7954260714290874004e+09,'anchored','','WF-2026-001','{"why":"ended","seq":14,"hash":"1103710ad7b7c6843ea2bf562348c6ee5674c3a2e625fbfe688db442e15b9e15","plan":"85d5f89ce16e7a96416c4761b532f981f45a891e11c184ff8f4bba4355de7452"}',X'6C91DB22C9E13B4F6D33FCA0901D891557F5EF77E4B8F75B5438DE90EAE6AA89');
INSERT INTO "actions" VALUES(4,1.79542607332477021221e+09,'anchored','','WF-2026-002','{"why":"created","seq":1,"hash":"818fb9cc686560e37b7ea7a68b39ef2f6e0a9e5edb4c384991e0dd72d4fab678","plan":"5dab4ccc0d392f0853e0e62254b2f1c104323d89077e17c8fb20176c61090b84"}',X'5B1856B162C9DFF28FB345764D5E0C99B352D642383D197FA351C62BBDCF286A');
INSERT INTO "actions" VALUES(5,1.79542607360365843779e+09,'anchored','','WF-2026-002','{"why":"ended","seq":9,"hash":"6ad331e02463e5438d1482da99dee2bbb8f0bf9567f19f3ca166af841d1100cc","plan":"5dab4ccc0d392f0853e0e62254b2f1c104323d89077e17c8fb20176c61090b84"}',X'0050A4BEA78E46831EE4143E494DE89C2465D7F17E102F035D386D97DAF781BD');
INSERT INTO "actions" VALUES(6,1.79542607583997392657e+09,'anchored','','WF-2026-003','{"why":"created","seq":1,"hash":"0157897923f8ed125e1e40472595bbb82db20f37eb2540c97b641cc50b265879","plan":"85d5f89ce16e7a96416c4761b532f981f45a891e11c184ff8f4bba4355de7452"}',X'878F42B5102421B003B9C0859E5338FE77AC7DDF2959B28E8F65A9152B2BEF7D');
INSERT INTO "actions" VALUES(7,1.7954260796404583454e+09,'anchored','','WF-2026-004','{"why":"created","seq":1,"hash":"02f1014a2c0bb8d077e54c693524068be4b6791f4df30bb2d301bd3bb388d011","plan":"f61ed9d6b436dbf8a286a73285a6e757f2310181523b5c0968c4dfd66c49efca"}',X'F52845DEEED23EEE99B646E54426953F99C756E5DD8EB901F82F6D11236B2443');
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
INSERT INTO "claims" VALUES(2,3,'','held',1.79542607600995969769e+09,'{"db": false}','{}','{"db": 2}',1,'','[]');
INSERT INTO "claims" VALUES(3,4,'','held',1.79542607967963671689e+09,'{"other": false}','{}','{"other": 1}',1,'','[]');
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
INSERT INTO "events" VALUES(1,1,1.79542607106251382825e+09,'workflow_created','','{"playbook":"waits","plan":"788ad72bbb0690a19ea1b8a1f023cadef2fde54db7def960bf1e57dd22454a0f","environment":"dev","parameters":{},"secret_parameters":[],"variables":{},"env":{},"options":{"parallel":false,"max_parallel":16,"checkpoint_each":false,"timeout":null,"only":[],"skip":[],"step_by_step":false},"actor":"root","priority":"normal"}',X'FF6B56AD6154DF68DA2E5C935CCB318381DEC27E19D09BE17B70B54FF6584D82');
INSERT INTO "events" VALUES(1,2,1.79542607108547234541e+09,'owned','','{"epoch":1,"pid":9566,"host":"vm","boot_id":"a01c5a23-02ee-4051-8770-4445d8385656","started":55850.82,"supervisor":"9566-a92f0f4e"}',X'B291BE40278FA24B1793D45193F2BD21605CA97BDDDB77F411F97174A26846C8');
INSERT INTO "events" VALUES(1,3,1.79542607110767221453e+09,'workflow_started','','{"actor":"root"}',X'578A66573D0A81DBACF35D843B76231866E5E6BEE810D5E362D41EA764F0D4CE');
INSERT INTO "events" VALUES(1,4,1.79542607113352084158e+09,'decided','','{"subject":"claim","value":{"locks":{"db":[false,"wait",null]},"resources":{}}}',X'BC3C1271E0BFB06D3509E63F7057806EED6BB9809D466973E91D71F04A80527A');
INSERT INTO "events" VALUES(1,5,1.79542607127584981918e+09,'claimed','','{"tokens":{"db":1},"waited":0.14227032661437988}',X'C1833AF10B64976EDBE816E639C4DE0549509AE49CB90290EE4B865082805D19');
INSERT INTO "events" VALUES(1,6,1.79542607127603793147e+09,'attempt_started','one','{"id":6,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW one\" >> effects","call_digest":"c114feb713a6316a425d3472ed537f6b","definition":"025a50c39b425a1c136b5a92481890aa3a2bb213e72be80523a91f6ba8755e7e"}',X'F5871FD84C7250D3A4E228D4E2BAD79613EBCBED454F8AB3743B86F666878117');
INSERT INTO "events" VALUES(1,7,1.79542607137322020533e+09,'attempt_finished','one','{"id":6,"number":1,"status":"succeeded","exit_code":0,"started_at":1795426071.2890718,"finished_at":1795426071.3714588,"final":true}',X'C50CC951F43D547F3CFE1C03B871C7CA52C80E7A744C9C7A1542C22BE3DDEACE');
INSERT INTO "events" VALUES(1,8,1.79542607137341284758e+09,'attempt_started','two','{"id":8,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; until test -e go; do sleep 0.05; done","call_digest":"5135ff8c01c921e3ff78acb01f6772d3","definition":"b9cb1173b15970c413fc97d5ffbd66fe989827a4bf5557b03544dea95f0b04c1"}',X'A12E6C92721606672FBA3D7371C79CCFE41A23C867E55C0FA41D3EFD944796A7');
INSERT INTO "events" VALUES(1,9,1.79542607140749096873e+09,'attempt_finished','two','{"id":8,"number":1,"status":"succeeded","exit_code":0,"started_at":1795426071.392098,"finished_at":1795426071.4029336,"final":true}',X'BF54FF2F86401D766E5531D429D7F337F8FDB2907AD5C9B12893C9D2A84A0877');
INSERT INTO "events" VALUES(1,10,1.79542607140771412845e+09,'attempt_started','three','{"id":10,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW three\" >> effects","call_digest":"ceb18f495c140528ecb64c0696356047","definition":"4a8aaf3808b0aa1d7de08cb2fd8185097790e06a52bbc0be8df7630964bce9b5"}',X'C5F7DD75578BA9972D30BB161BDE6C1403776000E4AB28164176423FF18E9647');
INSERT INTO "events" VALUES(1,11,1.79542607142874622349e+09,'attempt_finished','three','{"id":10,"number":1,"status":"succeeded","exit_code":0,"started_at":1795426071.4212303,"finished_at":1795426071.4283202,"final":true}',X'CC51F78865C726A50CE1DF1F9C726D3971B21F220AF6CFBCB896315BC564856B');
INSERT INTO "events" VALUES(1,12,1.79542607142888402936e+09,'claim_released','','{"tokens":{"db":1}}',X'DEB0A79245E66F445D9480888A73EE6220D1CF4B07C088511EB0E41509B3B01C');
INSERT INTO "events" VALUES(1,13,1.79542607142894482608e+09,'workflow_finished','','{"state":"succeeded"}',X'1AAE243BEAE839E6A5832C10CBD307768D866597B308CFC0D0C1FF792082CE09');
INSERT INTO "events" VALUES(1,14,1.7954260714290874004e+09,'released','','{"epoch":1,"reason":"ended"}',X'1103710AD7B7C6843EA2BF562348C6EE5674C3A2E625FBFE688DB442E15B9E15');
INSERT INTO "events" VALUES(2,1,1.79542607332477021221e+09,'workflow_created','','{"playbook":"fails","plan":"b7c46f81f8d4db39fd2088e7ad6fe22e36c3b4cd59677bc68eb46526f54014aa","environment":"dev","parameters":{},"secret_parameters":[],"variables":{},"env":{},"options":{"parallel":false,"max_parallel":16,"checkpoint_each":false,"timeout":null,"only":[],"skip":[],"step_by_step":false},"actor":"root","priority":"normal"}',X'818FB9CC686560E37B7EA7A68B39EF2F6E0A9E5EDB4C384991E0DD72D4FAB678');
INSERT INTO "events" VALUES(2,2,1.79542607346627306938e+09,'owned','','{"epoch":1,"pid":10925,"host":"vm","boot_id":"a01c5a23-02ee-4051-8770-4445d8385656","started":55856.1,"supervisor":"10925-1e4358d3"}',X'3DE166F61CA349B99100C98FB515DFFD8A2F781A176B8A2BB9F90057B8054E2C');
INSERT INTO "events" VALUES(2,3,1.79542607348115277289e+09,'workflow_started','','{"actor":"root"}',X'4577E0F509C0BBAC66898A5CA36037AB28DD5EE1A028ED8BF309C5E7DDFE5E48');
INSERT INTO "events" VALUES(2,4,1.79542607348159503934e+09,'attempt_started','one','{"id":4,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW one\" >> effects","call_digest":"c114feb713a6316a425d3472ed537f6b","definition":"025a50c39b425a1c136b5a92481890aa3a2bb213e72be80523a91f6ba8755e7e"}',X'9A4C926F91574EE2747897E5F9A74076628BD954140257E892A7A577B7FEE13E');
INSERT INTO "events" VALUES(2,5,1.79542607355120086669e+09,'attempt_finished','one','{"id":4,"number":1,"status":"succeeded","exit_code":0,"started_at":1795426073.5333838,"finished_at":1795426073.545166,"final":true}',X'EC66F78A5865DE18E6ECCD1CFC84995B4071263B87B0B4542F9CD3DD25E4BB80');
INSERT INTO "events" VALUES(2,6,1.7954260735513691902e+09,'attempt_started','two','{"id":6,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; test -e mended","call_digest":"6c41a541cba584334dc024743480ec3d","definition":"3ef9ae430ca1622336305d3b74866904dc7116dfb8ea8826ee7b0a1232b8be62"}',X'A6B19BC2439AAC22BD3B0E44F98C7F6C3BB4CFB6E791C7ECBBE643B9CEFF6F0B');
INSERT INTO "events" VALUES(2,7,1.79542607360349845886e+09,'attempt_finished','two','{"id":6,"number":1,"status":"failed","exit_code":1,"message":"exit code 1","started_at":1795426073.567433,"finished_at":1795426073.5936234,"final":true}',X'F0A9A708343623F2F7E8E8952FFDE3D9C8671B401A82986BC9BB8C0FDDEAE31F');
INSERT INTO "events" VALUES(2,8,1795426073.60363,'workflow_finished','','{"state":"failed","error":{"step":"two","message":"exit code 1","exit_code":1,"timed_out":false}}',X'51B13D0734A67EC455E47BD6B617E32CF822E035E87810447AE1A842DF815C51');
INSERT INTO "events" VALUES(2,9,1.79542607360365843779e+09,'released','','{"epoch":1,"reason":"ended"}',X'6AD331E02463E5438D1482DA99DEE2BBB8F0BF9567F19F3CA166AF841D1100CC');
INSERT INTO "events" VALUES(3,1,1.79542607583997392657e+09,'workflow_created','','{"playbook":"waits","plan":"788ad72bbb0690a19ea1b8a1f023cadef2fde54db7def960bf1e57dd22454a0f","environment":"dev","parameters":{},"secret_parameters":[],"variables":{},"env":{},"options":{"parallel":false,"max_parallel":16,"checkpoint_each":false,"timeout":null,"only":[],"skip":[],"step_by_step":false},"actor":"root","priority":"normal"}',X'0157897923F8ED125E1E40472595BBB82DB20F37EB2540C97B641CC50B265879');
INSERT INTO "events" VALUES(3,2,1.79542607598723268505e+09,'owned','','{"epoch":1,"pid":11494,"host":"vm","boot_id":"a01c5a23-02ee-4051-8770-4445d8385656","started":55858.45,"supervisor":"11494-254298e2"}',X'F862B8FE2AC26EB1F1567277F058F1B6717AB8B910D053CC3F4F68A9A4FE109C');
INSERT INTO "events" VALUES(3,3,1.79542607599996066093e+09,'workflow_started','','{"actor":"root"}',X'EC187C98DD89CBA02314F71DF0EB71758606249CA86C349670033AA9DDB79E53');
INSERT INTO "events" VALUES(3,4,1.79542607600042033195e+09,'decided','','{"subject":"claim","value":{"locks":{"db":[false,"wait",null]},"resources":{}}}',X'E5ACF722141F4F056F774F883DFDCB53BA9981AF662A1F6BE4D72FD652C172E1');
INSERT INTO "events" VALUES(3,5,1.7954260760336146355e+09,'claimed','','{"tokens":{"db":2},"waited":0.03313946723937988}',X'8D2528EDF76901BAE247A6D731C8AC63CF3A52E3FB11A7D359FB538095217A0D');
INSERT INTO "events" VALUES(3,6,1.7954260760338068008e+09,'attempt_started','one','{"id":6,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW one\" >> effects","call_digest":"c114feb713a6316a425d3472ed537f6b","definition":"025a50c39b425a1c136b5a92481890aa3a2bb213e72be80523a91f6ba8755e7e"}',X'DCAECE69543CF7324A582D464220C537EC26D43DDB7828C5F4AE8C30D58A31EB');
INSERT INTO "events" VALUES(3,7,1.79542607605449891093e+09,'attempt_finished','one','{"id":6,"number":1,"status":"succeeded","exit_code":0,"started_at":1795426076.0420923,"finished_at":1795426076.050834,"final":true}',X'08D02F2548DEC350C2801676A9EFBA5DE3B4FA52D5FDAA28CA2F83D2BF9708D9');
INSERT INTO "events" VALUES(3,8,1.79542607605470490458e+09,'attempt_started','two','{"id":8,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; until test -e go; do sleep 0.05; done","call_digest":"5135ff8c01c921e3ff78acb01f6772d3","definition":"b9cb1173b15970c413fc97d5ffbd66fe989827a4bf5557b03544dea95f0b04c1"}',X'0022D271F6AE5D7EFF3D7D67265DE7E18C5C11D3B80651290177EA58BFD02315');
INSERT INTO "events" VALUES(3,9,1.79542607682431840901e+09,'pause_requested','','{"actor":"root","now":false,"checkpoint":false}',X'0976A9AC13BE0D1C69641E060974C614CC49F46B7F45BDB2A3AADDAD57B340A1');
INSERT INTO "events" VALUES(3,10,1.79542607690843510626e+09,'attempt_finished','two','{"id":8,"number":1,"status":"succeeded","exit_code":0,"started_at":1795426076.0647702,"finished_at":1795426076.9080179,"final":true}',X'749A80A7FAB923F98403A12BACA190E0B485F4F734425D4E4F7C6C53A0206BB2');
INSERT INTO "events" VALUES(3,11,1.79542607690858793253e+09,'paused','','{}',X'6F82860FD3CC98A1ED334AD3C07344A69F133025F5E09E633671ACB575CC44F4');
INSERT INTO "events" VALUES(4,1,1.7954260796404583454e+09,'workflow_created','','{"playbook":"waits","plan":"95f5a41a20898b922457eea56771f624c429d2cafe93e4fc9d17f3367f104f03","environment":"dev","parameters":{},"secret_parameters":[],"variables":{},"env":{},"options":{"parallel":false,"max_parallel":16,"checkpoint_each":false,"timeout":null,"only":[],"skip":[],"step_by_step":false},"actor":"root","priority":"normal"}',X'02F1014A2C0BB8D077E54C693524068BE4B6791F4DF30BB2D301BD3BB388D011');
INSERT INTO "events" VALUES(4,2,1.79542607965254354474e+09,'owned','','{"epoch":1,"pid":12443,"host":"vm","boot_id":"a01c5a23-02ee-4051-8770-4445d8385656","started":55861.85,"supervisor":"12443-5e3d37cf"}',X'A5A2B0B47E55A26F0EC68239B370BDA4F4B842D24CBCF080BB15042E90A60E65');
INSERT INTO "events" VALUES(4,3,1.79542607966848278048e+09,'workflow_started','','{"actor":"root"}',X'9E29457662EBACB7D6079641492A740AE6F4F1200E01663F27C17447B4622FE6');
INSERT INTO "events" VALUES(4,4,1.79542607967751598361e+09,'decided','','{"subject":"claim","value":{"locks":{"other":[false,"wait",null]},"resources":{}}}',X'9E260545235D168BBE8DAD8376F2B9FC5D431641A8F553962FFF9D5465E91920');
INSERT INTO "events" VALUES(4,5,1.79542607971253967286e+09,'claimed','','{"tokens":{"other":1},"waited":0.03495430946350098}',X'2E5CBB6ED78471A2CBC5E6AA12AAC328672CBDA82D64EBC4EB0A70C96FEFF7EC');
INSERT INTO "events" VALUES(4,6,1.79542607971273064614e+09,'attempt_started','one','{"id":6,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW one\" >> effects","call_digest":"c114feb713a6316a425d3472ed537f6b","definition":"025a50c39b425a1c136b5a92481890aa3a2bb213e72be80523a91f6ba8755e7e"}',X'AB10640E7466E268B1CA82E4F734D925E41FFB5FD24B107715C7A2881F2526EF');
INSERT INTO "events" VALUES(4,7,1.79542607980290389057e+09,'attempt_finished','one','{"id":6,"number":1,"status":"succeeded","exit_code":0,"started_at":1795426079.7793236,"finished_at":1795426079.7878647,"final":true}',X'C943C6D451BB1244E46A596BD2759B2B0A650617E65C9ABD2BD4BCE27CCCA18B');
INSERT INTO "events" VALUES(4,8,1.79542607980311083788e+09,'attempt_started','two','{"id":8,"number":1,"of":1,"kind":"shell","call":"echo \"$ORCHESTRATE_WORKFLOW two\" >> effects; until test -e go; do sleep 0.05; done","call_digest":"5135ff8c01c921e3ff78acb01f6772d3","definition":"b9cb1173b15970c413fc97d5ffbd66fe989827a4bf5557b03544dea95f0b04c1"}',X'5FE463B04BD5A4BD88D2506378E903CEABAE8A0FBACA87283D1385C9D496A284');
CREATE TABLE facts (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO "facts" VALUES('pruned_at','1795426071.4383922');
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
INSERT INTO "requests" VALUES(1,3,1.79542607680646133425e+09,'pause','{"actor":"root","now":false,"checkpoint":false}','12102-13258c28','done','null');
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
, priority TEXT NOT NULL DEFAULT 'normal', concurrency TEXT, overlap TEXT, overrides TEXT NOT NULL DEFAULT '{}', counted INTEGER NOT NULL DEFAULT 0);
INSERT INTO "workflows" VALUES(1,'WF-2026-001','waits',1,'succeeded','dev','{}','root','',1.79542607106251382825e+09,1.79542607110767221453e+09,1.79542607142894482608e+09,NULL,NULL,14,1,NULL,NULL,NULL,NULL,NULL,'normal',NULL,NULL,'{}',0);
INSERT INTO "workflows" VALUES(2,'WF-2026-002','fails',2,'failed','dev','{}','root','exit code 1',1.79542607332477021221e+09,1.79542607348115277289e+09,1795426073.60363,NULL,NULL,9,1,NULL,NULL,NULL,NULL,NULL,'normal',NULL,NULL,'{}',0);
INSERT INTO "workflows" VALUES(3,'WF-2026-003','waits',1,'paused','dev','{}','root','',1.79542607583997392657e+09,1.79542607599996066093e+09,NULL,NULL,NULL,11,1,11494,55858.45,'a01c5a23-02ee-4051-8770-4445d8385656','vm pid:[4026531836]','11494-e62e0d8b','normal',NULL,NULL,'{}',0);
INSERT INTO "workflows" VALUES(4,'WF-2026-004','waits',3,'running','dev','{}','root','',1.7954260796404583454e+09,1.79542607966848278048e+09,NULL,NULL,NULL,8,1,12443,55861.85,'a01c5a23-02ee-4051-8770-4445d8385656','vm pid:[4026531836]','12443-34f98f01','normal',NULL,NULL,'{}',0);
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
PRAGMA user_version=7;

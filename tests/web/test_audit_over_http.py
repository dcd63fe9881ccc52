"""Whether all is still there as it was recorded, and signing how far it went, over HTTP."""

import json
import sqlite3
from contextlib import closing
from typing import Any


def test_what_was_changed_behind_the_program_is_found(own: Any) -> None:
    own.start()
    client = own.client(own.token("a", "--scope", "admin"))
    own("run", "--playbook", "quick")
    found = client.post("/audit/verification").json()
    assert (found["sound"], found["findings"], found["checkpoints"]) == (True, [], None)
    assert (found["workflows"], found["events"] > 5, found["actions"] > 2) == (1, True, True)
    assert found == json.loads(own("audit", "verify", "--json"))
    with closing(sqlite3.connect(own.root / ".orchestrate/orchestrate.db")) as store:
        store.execute("UPDATE events SET data = '{}' WHERE type = 'workflow_finished'")
        store.commit()
    found = client.post("/audit/verification").json()
    assert (found["sound"], found["found"] >= 1) == (False, True)
    assert found["findings"][0]["kind"] == "changed"
    assert found["findings"][0]["workflow"].startswith("WF-")


def test_it_is_signed_with_the_key_of_the_machine_that_serves(own: Any) -> None:
    own("audit", "key", "audit.key")
    (own.root / "orchestrate.toml").write_text('[audit]\nkey = "audit.key"\n')
    own.start()
    client = own.client(own.token("a", "--scope", "admin"))
    assert client.get("/audit/checkpoints").json()["signs"] is True
    signed = client.post("/audit/checkpoints")
    assert signed.status_code == 201
    later = client.post("/audit/checkpoints").json()
    assert client.get("/audit/checkpoints").json()["items"][:2] == [later, signed.json()]
    assert client.get("/audit/checkpoints?limit=1").json()["items"] == [later]
    found = client.post("/audit/verification").json()
    assert (found["sound"], found["checkpoints"] >= 2) == (True, True)
    (entry, *_) = client.get("/audit?action=checkpoint_signed&actor=a").json()["items"]
    assert (entry["actor"], entry["from"]["by"]) == ("a", "token")


def test_without_a_key_it_says_how_to_get_one(served: Any, admin: Any) -> None:
    assert admin.get("/audit/checkpoints").json()["signs"] is False
    refused = admin.post("/audit/checkpoints")
    assert (refused.status_code, refused.json()["detail"]) == (422, "there is no key to sign with")
    assert "orchestrate audit key" in refused.json()["hint"]

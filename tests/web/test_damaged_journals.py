"""What somebody changed in one journal keeps nobody from seeing the other workflows, live too."""

import sqlite3
from contextlib import closing
from typing import Any

from web.conftest import reach
from web.streams import events


def test_one_damaged_journal_hides_no_other_workflow(own: Any) -> None:
    own.start()
    token = own.token("a", "--scope", "admin")
    client = own.client(token)
    asks = client.post("/workflows", json={"playbook": "asks"}).json()["id"]
    reach(client, asks, "waiting")
    own.stop()
    with closing(sqlite3.connect(own.root / ".orchestrate/orchestrate.db")) as store:
        changed = "UPDATE events SET data = '{}' WHERE type = 'approval_requested'"
        assert store.execute(changed).rowcount == 1
        store.commit()
    own.start()
    client = own.client(token)
    quick = client.post("/workflows", json={"playbook": "quick"}).json()["id"]
    found = client.get("/workflows")
    assert (found.status_code, {one["id"] for one in found.json()["items"]}) == (200, {asks, quick})
    damaged = client.get(f"/workflows/{asks}")
    assert (damaged.status_code, damaged.json()["code"]) == (503, "store")
    assert "(approval_requested of `ask`) is damaged" in damaged.json()["detail"]
    with client.stream("GET", "/stream") as response:
        told = iter(events(response))
        assert next(told).event == "hello"
        later = client.post("/workflows", json={"playbook": "quick"}).json()["id"]
        items = (item for one in told for item in one.data.get("items", ()))
        assert next(item["id"] for item in items if item["id"] == later) == later

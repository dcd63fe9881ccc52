"""What keeps new workflows from beginning, as everybody is told."""

from typing import Any

FREEZE = """
[[freeze]]
name = "always"
from = 2020-01-01
until = 2999-01-01
environments = ["production"]
allow_priority = "high"
"""


def test_a_hold_and_a_freeze_are_told_to_whoever_may_look(own: Any) -> None:
    with (own.root / "orchestrate.toml").open("a") as settings:
        settings.write(FREEZE)
    own.start()
    admin = own.client(own.token("boss", "--scope", "admin"))
    looker = own.client(own.token("looker", "--scope", "view"))
    limited = own.client(own.token("dev", "--scope", "run", "--environment", "dev"))
    free = {"held": False, "reason": "", "actor": None, "since": None}
    freeze = {
        "name": "always", "environments": ["production"], "allow_priority": "high",
        "until": "2999-01-01T00:00:00.000Z",
    }  # fmt: skip
    assert looker.get("/hold").json() == {**free, "freezes": [freeze]}
    assert limited.get("/hold").json() == {**free, "freezes": []}
    assert admin.put("/hold", json={"reason": "stock-taking"}).status_code == 200
    held = limited.get("/hold").json()
    assert held.pop("since").endswith("Z")
    assert held == {"held": True, "reason": "stock-taking", "actor": "boss", "freezes": []}
    assert admin.delete("/hold").status_code == 200
    assert limited.get("/hold").json() == {**free, "freezes": []}

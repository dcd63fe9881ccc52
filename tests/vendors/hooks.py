"""A receiver of webhooks, which checks signatures and tells repetitions by their key, as
`orchestrate serve` and other careful receivers do.
"""

import json
import time
from typing import Any

from vendors.serving import Reply, Request, Vendor

from orchestrate.triggers.webhooks import Delivery, is_genuine

SECRET = "hook-secret-4711"


class Hooks(Vendor):
    """`seen`: bodies by idempotency key, in the order of their first arrival. `repeated`: keys that
    came again.
    """

    def __init__(self, secret: str | None = SECRET) -> None:
        super().__init__()
        self.secret = secret
        self.seen: dict[str, Any] = {}
        self.repeated: list[str] = []

    def answer(self, request: Request) -> Reply:
        key = request.headers.get("idempotency-key", "")
        delivery = Delivery(dict(request.headers), {}, request.body)
        secret = (self.secret or "").encode()
        if self.secret and not is_genuine("orchestrate", secret, delivery, time.time()):
            return Reply(401, "not signed")
        if key in self.seen:
            self.repeated.append(key)
        else:
            self.seen[key] = json.loads(request.body)
        return Reply(200, "taken")

    @property
    def told(self) -> list[tuple[str, str]]:
        """Workflow and event of each delivery, in order."""
        return [(body["workflow"], body["event"]) for body in self.seen.values()]

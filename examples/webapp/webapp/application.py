"""The application: `python -m webapp.application`, one process of one pool.

/                    who answers: version, pool, instance
/health              200 once it can serve
/version             the version alone
/slow?seconds=2      answers after that time: a request in flight while traffic moves
/data                GET reads the records, POST adds one
/admin               how many requests it has answered, for whoever can log in
"""

import asyncio
import json
import signal
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from webapp.admin import Login, read_login
from webapp.daemons import announce, daemon_arguments
from webapp.dataset import Dataset
from webapp.http.server import Request, Response, Server, answering

LONGEST = 30.0
GRACE = 35.0
"""Seconds for requests in flight once it is told to end: more than the longest can take."""


class Instance(NamedTuple):
    """Who this process is. `healthy` is false for a release that never gets ready; `answered`
    counts.
    """

    name: str
    pool: str
    version: str
    dataset: Dataset
    healthy: bool
    login: Login
    answered: Iterator[int]

    @property
    def identity(self) -> dict[str, Any]:
        """What every answer says of its sender."""
        return {"version": self.version, "pool": self.pool, "instance": self.name}

    async def answer(self, request: Request) -> Response:
        """One request."""
        number = next(self.answered)
        match request.method, request.path:
            case "GET", "/":
                return Response(200, self.identity)
            case "GET", "/health":
                status = "healthy" if self.healthy else "broken"
                return Response(200 if self.healthy else 503, {**self.identity, "status": status})
            case "GET", "/version":
                return Response(200, {"version": self.version})
            case "GET", "/slow":
                return await self._slow(request)
            case "GET", "/data":
                return Response(200, {**self.identity, "records": self.dataset.read()})
            case "POST", "/data":
                return self._add(request)
            case "GET", "/admin":
                if not self.login.opens(request.head.get("authorization")):
                    return Response(401, {"error": "log in as the administrator"})
                return Response(200, {**self.identity, "answered": number})
            case _, "/" | "/health" | "/version" | "/slow" | "/data" | "/admin":
                return Response(405, {"error": f"{request.method} is not possible here"})
            case _:
                return Response(404, {"error": f"there is nothing at {request.path}"})

    async def _slow(self, request: Request) -> Response:
        try:
            seconds = float(parse_qs(request.query).get("seconds", ["2"])[0])
        except ValueError:
            seconds = -1
        if not 0 <= seconds <= LONGEST:
            return Response(400, {"error": f"seconds is a number from 0 to {LONGEST:g}"})
        await asyncio.sleep(seconds)
        return Response(200, {**self.identity, "seconds": seconds})

    def _add(self, request: Request) -> Response:
        try:
            record = json.loads(request.content)
        except ValueError:
            record = None
        if not isinstance(record, dict):
            return Response(400, {"error": "the body must be one JSON object"})
        return Response(201, {**self.identity, "record": self.dataset.add(record)})


async def serve(instance: Instance, announcement: Path) -> None:
    """Serve until TERM, then finish what is in flight."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    server = Server(answering(instance.answer))
    port = await server.start()
    facts = {"pool": instance.pool, "version": instance.version}
    announce(announcement, instance.name, port, facts)
    await stop.wait()
    await server.stop(GRACE)


def main() -> None:
    """Read the options that `commands/infra` gives and serve."""
    parser = daemon_arguments("One process of the example application.")
    parser.add_argument("--pool", required=True)
    parser.add_argument("--version", required=True)
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--broken", action="store_true")
    options = parser.parse_args()
    dataset = Dataset(options.data)
    instance = Instance(
        options.name,
        options.pool,
        options.version,
        dataset,
        healthy=not options.broken,
        login=read_login(),
        answered=count(1),
    )
    asyncio.run(serve(instance, options.announce))


if __name__ == "__main__":
    main()

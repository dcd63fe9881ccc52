"""The proxy: `python -m webapp.proxy`. One port for clients, one for whoever controls it."""

import asyncio
import hmac
import json
import secrets
import signal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from webapp.daemons import announce, daemon_arguments
from webapp.http.server import Request, Response, Server, answering
from webapp.proxy.forwarding import Forwarder
from webapp.proxy.routes import Table

GRACE = 35.0
LONGEST_WAIT = 300.0


class Control:
    """The control port. Whoever calls must show the token from the announcement.

    GET /routes                          the table, and what is in flight and failed per upstream
    PUT /routes                          a new table, in force from the next request on
    GET /drained?name=a&name=b&wait=30   answers when these have nothing in flight
    """

    def __init__(self, forwarder: Forwarder, token: str) -> None:
        self._forwarder = forwarder
        self._expected = f"Bearer {token}".encode()

    async def answer(self, request: Request) -> Response:
        """One request."""
        shown = (request.head.get("authorization") or "").encode("latin-1")
        if not hmac.compare_digest(shown, self._expected):
            return Response(401, {"error": "the token is missing or wrong"})
        match request.method, request.path:
            case "GET", "/routes":
                return Response(200, self._state())
            case "PUT", "/routes":
                return self._replace(request)
            case "GET", "/drained":
                return await self._drained(parse_qs(request.query))
            case _:
                return Response(404, {"error": f"there is nothing at {request.path}"})

    def _state(self) -> dict[str, Any]:
        traffic = {
            peer.upstream.name: {
                "in_flight": peer.in_flight,
                "served": peer.served,
                "failed": peer.failed,
            }
            for peer in self._forwarder.peers
        }
        return {**self._forwarder.selection.table.to_json(), "traffic": traffic}

    def _replace(self, request: Request) -> Response:
        try:
            table = Table.from_json(json.loads(request.content))
        except (ValueError, KeyError, TypeError) as error:
            return Response(400, {"error": f"not a table of routes: {error}"})
        self._forwarder.replace(table)
        return Response(200, self._state())

    async def _drained(self, query: dict[str, list[str]]) -> Response:
        wait = min(float(query.get("wait", ["30"])[0]), LONGEST_WAIT)
        peers = [self._forwarder.peers.get(name) for name in query.get("name", [])]
        try:
            async with asyncio.timeout(wait):
                for peer in peers:
                    if peer is not None:
                        await peer.drained()
        except TimeoutError:
            pass  # what is left is in the answer
        busy = {
            peer.upstream.name: peer.in_flight
            for peer in peers
            if peer is not None and peer.in_flight
        }
        return Response(200, {"busy": busy})


async def serve(name: str, announcement: Path, port: int) -> None:
    """Serve until TERM, then finish what is in flight."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    forwarder, token = Forwarder(), secrets.token_urlsafe(24)
    front, control = Server(forwarder.answer), Server(answering(Control(forwarder, token).answer))
    control_port = await control.start()
    front_port = await front.start(port)
    announce(announcement, name, front_port, {"control": control_port, "token": token})
    await stop.wait()
    await front.stop(GRACE)
    await control.stop(1.0)


def main() -> None:
    """Read the options that `commands/infra` gives and serve."""
    parser = daemon_arguments("The proxy in front of the example application.")
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    asyncio.run(serve(options.name, options.announce, options.port))


if __name__ == "__main__":
    main()

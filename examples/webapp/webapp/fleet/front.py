"""The proxy as the operations see it: started, told its routes, asked what is in flight."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from webapp import daemons
from webapp.daemons import Announcement, DaemonError
from webapp.fleet.errors import InfraError
from webapp.fleet.settings import Settings
from webapp.fleet.state import State
from webapp.http.client import Answer, UnreachableError, ask
from webapp.proxy.routes import Route, Table, Upstream

NAME = "proxy"


class Front:
    """The proxy of one run directory."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._file = settings.run / f"{NAME}.json"

    @property
    def announcement(self) -> Announcement | None:
        """The proxy, if it runs."""
        said = daemons.read_announcement(self._file)
        return said if said is not None and said.alive else None

    @property
    def port(self) -> int:
        """Where clients reach it."""
        return self._running().port

    def start(self) -> Announcement:
        """Start it unless it runs; after a crash on the port that clients know."""
        running = self.announcement
        if running is not None:
            return running
        before = daemons.read_announcement(self._file)
        if before is not None:
            try:
                return self._spawn(before.port)
            except DaemonError:
                pass  # somebody else has that port by now
        try:
            return self._spawn(0)
        except DaemonError as error:
            raise InfraError(str(error)) from error

    def forget(self) -> None:
        """Remove the announcement of a proxy that has been ended."""
        self._file.unlink(missing_ok=True)

    def apply(self, state: State, running: Mapping[str, Announcement]) -> None:
        """Route by this state, atomically, from the next request on."""
        routes = tuple(
            Route(
                name,
                pool.weight,
                pool.standby,
                tuple(
                    Upstream(each, running[each].port) for each in pool.instances if each in running
                ),
            )
            for name, pool in sorted(state.pools.items())
        )
        table = Table(routes, self._settings.draining)
        answer = self._control("/routes", method="PUT", content=table.to_json())
        if answer.status != 200:
            raise InfraError(f"the proxy refused its routes: {answer.content['error']}")

    def traffic(self) -> dict[str, dict[str, int]]:
        """What each upstream has in flight, has served, and has failed."""
        return self._control("/routes").content["traffic"]

    def drain(self, names: Sequence[str]) -> dict[str, int]:
        """Wait until these have nothing in flight; returns those that still have, and how much."""
        if not names:
            return {}
        wait = self._settings.drain_timeout
        query = "&".join([f"wait={wait:g}", *(f"name={name}" for name in names)])
        return self._control(f"/drained?{query}", timeout=wait + 5).content["busy"]

    def _spawn(self, port: int) -> Announcement:
        starting = daemons.spawn(
            NAME, "webapp.proxy", ("--port", str(port)), self._settings.run, "."
        )
        return starting.wait(time.monotonic() + daemons.START_DEADLINE)

    def _running(self) -> Announcement:
        running = self.announcement
        if running is None:
            raise InfraError("the proxy does not run: start it with `commands/infra up`")
        return running

    def _control(self, path: str, **options: Any) -> Answer:
        facts = self._running().facts
        try:
            bearer = f"Bearer {facts['token']}"
            return ask(facts["control"], path, authorization=bearer, **options)
        except UnreachableError as error:
            raise InfraError(f"the proxy does not answer on its control port: {error}") from error

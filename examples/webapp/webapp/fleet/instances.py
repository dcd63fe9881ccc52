"""Application processes: started until they are healthy, and ended."""

import time
from collections.abc import Iterable, Mapping, Sequence

from webapp import daemons
from webapp.daemons import Announcement, DaemonError
from webapp.fleet.errors import InfraError
from webapp.fleet.settings import Settings
from webapp.http.client import UnreachableError, ask

FOLDER = "instances"
PAUSE = 0.05


class Instances:
    """The application processes of one run directory."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder = settings.run / FOLDER

    def running(self) -> dict[str, Announcement]:
        """Those that run, by name, wanted or not."""
        found = daemons.announced(self._folder)
        return {name: each for name, each in found.items() if each.alive}

    def start(self, names: Sequence[str], pool: str, version: str) -> dict[str, Announcement]:
        """Start these at once and wait until all are healthy. If one is not: none is left."""
        begun = [self._spawn(name, pool, version) for name in names]
        started: dict[str, Announcement] = {}
        try:
            deadline = time.monotonic() + daemons.START_DEADLINE
            for each in begun:
                started[each.name] = each.wait(deadline)
            self._await_health(started.values())
        except (DaemonError, InfraError) as error:
            for each in begun:
                each.process.kill()
                each.process.wait()
            self.forget(names)
            raise InfraError(f"{pool} {version} did not get healthy: {error}") from error
        return started

    def end(self, instances: Sequence[Announcement], *, gently: bool) -> None:
        """End these: `gently` lets them finish their requests first."""
        if gently:
            killed = daemons.end(instances, self._settings.drain_timeout)
            if killed:
                print(f"had to be killed: {', '.join(killed)}")
        else:
            daemons.kill(instances)
        self.forget([each.name for each in instances])

    def forget(self, names: Iterable[str]) -> None:
        """Remove the announcements of processes that are gone."""
        for name in names:
            (self._folder / f"{name}.json").unlink(missing_ok=True)

    def unhealthy(self, instances: Mapping[str, Announcement], names: Iterable[str]) -> list[str]:
        """Why each of `names` that is not healthy is not."""
        reasons = (_ailment(name, instances.get(name)) for name in names)
        return [reason for reason in reasons if reason]

    def _spawn(self, name: str, pool: str, version: str) -> daemons.Starting:
        words = ["--pool", pool, "--version", version]
        words += ["--data", str(self._settings.data_of(pool))]
        if version in self._settings.broken_versions:
            words.append("--broken")
        return daemons.spawn(name, "webapp.application", words, self._settings.run, FOLDER)

    def _await_health(self, instances: Iterable[Announcement]) -> None:
        deadline = time.monotonic() + self._settings.health_timeout
        for each in instances:
            while reason := _ailment(each.name, each):
                if time.monotonic() > deadline or not each.alive:
                    raise InfraError(reason)
                time.sleep(PAUSE)


def _ailment(name: str, instance: Announcement | None) -> str:
    if instance is None:
        return f"{name} does not run"
    try:
        answer = ask(instance.port, "/health", timeout=2.0)
    except UnreachableError as error:
        return f"{name} does not answer: {error}"
    if answer.status == 200:
        return ""
    return f"{name} answers {answer.status} to /health"

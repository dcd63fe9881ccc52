"""The suites of `/test run`: real requests through the proxy.

A suite is a list of named checks; each gets an `Address` and raises `AssertionError` with what it
found instead of what it expected.
"""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from webapp.dataset import SEED
from webapp.fleet.errors import InfraError
from webapp.fleet.rollout import Rollout
from webapp.fleet.settings import read_settings
from webapp.http.client import Answer, UnreachableError, ask

FREE = 64 * 1024 * 1024
"""Bytes of disk that a deployment needs for logs and data."""


class Address(NamedTuple):
    """What a suite talks to: the traffic, or one pool whatever its weight."""

    rollout: Rollout
    pool: str | None

    def ask(self, path: str, **options: Any) -> Answer:
        """Ask through the proxy."""
        prefix = f"/pools/{self.pool}" if self.pool else ""
        return ask(self.rollout.front.port, f"{prefix}{path}", **options)


Check = Callable[[Address], None]


def expect(found: object, expected: object, what: str) -> None:
    """Fail unless they are equal."""
    if found != expected:
        raise AssertionError(f"{what} is {found!r}, expected {expected!r}")


def answers_health(address: Address) -> None:
    """/health says that it is healthy."""
    answer = address.ask("/health")
    expect((answer.status, answer.content.get("status")), (200, "healthy"), "/health")


def serves_the_deployed_version(address: Address) -> None:
    """The version that answers is the one that was deployed."""
    state = address.rollout.state()
    pools = [address.pool] if address.pool else [n for n, p in state.pools.items() if p.weight]
    deployed = {state.pools[name].version for name in pools}
    for _ in range(10):
        version = address.ask("/version").content.get("version")
        if version not in deployed:
            raise AssertionError(f"/version is {version!r}, deployed are {sorted(deployed)}")


def refuses_what_does_not_exist(address: Address) -> None:
    """An unknown path is 404, an impossible method 405."""
    expect(address.ask("/nothing-here").status, 404, "an unknown path")
    expect(address.ask("/version", method="DELETE").status, 405, "DELETE /version")


def has_records(address: Address) -> None:
    """The records that the application began with are there."""
    expect(_records(address)[: len(SEED)], list(SEED), "the beginning of /data")


def keeps_what_is_written(address: Address) -> None:
    """What one process writes, every process reads."""
    order = {"name": "integration test", "amount": 1}
    added = address.ask("/data", method="POST", content=order)
    expect(added.status, 201, "POST /data")
    for _ in range(10):
        if added.content["record"] not in _records(address):
            raise AssertionError("a record that was written is not read back")


def every_process_is_healthy(address: Address) -> None:
    """No process of a pool that takes traffic is dead or ill."""
    state = address.rollout.state()
    weighted = [name for name, pool in state.pools.items() if pool.weight]
    expect(address.rollout.unhealthy(weighted), [], "what is ill")


def has_room(address: Address) -> None:
    """There is disk for logs and data."""
    usage = os.statvfs(address.rollout.settings.run)
    if usage.f_bavail * usage.f_frsize < FREE:
        raise AssertionError(f"less than {FREE} bytes are free in {address.rollout.settings.run}")


def answers_from_the_recovery_site(address: Address) -> None:
    """All traffic is answered by the recovery site."""
    site = address.rollout.settings.recovery_site
    for _ in range(10):
        expect(address.ask("/").content.get("pool"), site, "the pool that answers")


def _records(address: Address) -> list[Any]:
    answer = address.ask("/data")
    expect(answer.status, 200, "the status of /data")
    return answer.content["records"]


SUITES: Mapping[str, Sequence[Check]] = {
    "deployment": (has_room, every_process_is_healthy, answers_health),
    "smoke": (
        answers_health,
        serves_the_deployed_version,
        refuses_what_does_not_exist,
        has_records,
    ),
    "integration": (
        every_process_is_healthy,
        serves_the_deployed_version,
        keeps_what_is_written,
    ),
    "data": (has_records,),
    "disaster-recovery": (answers_from_the_recovery_site, answers_health, has_records),
}


def run(suite: str, environment: str | None) -> int:
    """Run a suite; returns the exit code. An environment that is no pool means all traffic."""
    try:
        rollout = Rollout(read_settings())
        pool = environment if environment in rollout.ready().pools else None
    except InfraError as error:
        print(f"suite: {error}", file=sys.stderr)
        return 1
    failed = 0
    for check in SUITES[suite]:
        try:
            check(Address(rollout, pool))
        except (AssertionError, InfraError, UnreachableError) as error:
            failed += 1
            print(f"FAIL  {check.__name__}: {error}", flush=True)
        else:
            print(f"pass  {check.__name__}", flush=True)
    print(f"{len(SUITES[suite]) - failed} of {len(SUITES[suite])} passed")
    return 1 if failed else 0

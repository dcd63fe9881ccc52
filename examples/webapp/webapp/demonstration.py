"""What `demo.py` shows: a deployment under load, watched from outside."""

import asyncio
import json
import signal
import time
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from webapp.fleet.rollout import Rollout
from webapp.fleet.settings import read_settings
from webapp.http.client import UnreachableError, ask
from webapp.load import Load, Tally

OLD, NEW = "1.0", "2.0"
QUIET = 3.0
"""Seconds of load before and after the deployment."""
POLL = 0.2
SLOW = 32
"""Connections with a request of two seconds in flight: so many that some are always on blue when
its last share of the traffic is taken away.
"""


class Options(NamedTuple):
    """What can be chosen. `rate` is requests a second, `requests` the least in all."""

    rate: float
    connections: int
    requests: int
    environment: str
    kill_green: bool


class Deployment(NamedTuple):
    """How the playbook ended: exit code, seconds, and what `status --json` says."""

    exit_code: int
    took: float
    status: dict[str, Any]


class Demonstration:
    """One deployment under load in `project`."""

    def __init__(self, project: Path, options: Options) -> None:
        self._project = project
        self._options = options
        self._rollout = Rollout(read_settings())
        self._tally = Tally(frozenset({OLD, NEW}))
        self.workflow = ""
        """The deployment's, once it was made."""

    async def run(self) -> bool:
        """Do it all, tell it, and clean up; whether everything was as it should be."""
        try:
            if await self._call("commands/infra", "up", "--version", OLD):
                return False
            began = time.monotonic()
            deployment = await self._under_load()
            took = time.monotonic() - began
            alive = await asyncio.to_thread(self._blue_alive)
            return self._report(deployment, took, blue_alive=alive)
        finally:
            await self._call("commands/infra", "down")

    async def _under_load(self) -> Deployment:
        options, tally = self._options, self._tally
        port = self._rollout.front.port
        load = Load(port, tally, options.rate, options.connections, SLOW)
        async with load.running():
            print(f"asking http://127.0.0.1:{port} {options.rate:g} times a second", flush=True)
            await asyncio.sleep(QUIET)
            tally.phase = "during"
            deployment = await self._deploy()
            tally.phase = "after"
            await asyncio.sleep(QUIET)
            while deployment.exit_code == 0 and tally.requests < options.requests:
                await asyncio.sleep(POLL)
        return deployment

    async def _deploy(self) -> Deployment:
        began = time.monotonic()
        killer = asyncio.create_task(self._kill_green()) if self._options.kill_green else None
        words = ("--playbook", "blue-green-deployment", "--environment", self._options.environment)
        code = await self._call("orchestrate", "run", *words)
        if killer is not None:
            killer.cancel()
        return Deployment(code, time.monotonic() - began, await self._status())

    async def _call(self, *words: str) -> int:
        print(f"$ {' '.join(words)}", flush=True)
        process = await asyncio.create_subprocess_exec(
            *words, cwd=self._project, stdin=asyncio.subprocess.DEVNULL
        )
        return await process.wait()

    async def _status(self) -> dict[str, Any]:
        """The newest workflow; empty if there is none, or nobody can say."""
        listing = await self._ask_orchestrate("status", "--all", "--json")
        if not listing:
            return {}
        self.workflow = listing[0]["id"]
        return await self._ask_orchestrate("status", "--workflow", self.workflow, "--json") or {}

    async def _ask_orchestrate(self, *words: str) -> Any:
        process = await asyncio.create_subprocess_exec(
            "orchestrate", *words, cwd=self._project, stdout=asyncio.subprocess.PIPE
        )
        said, _ = await process.communicate()
        return json.loads(said) if process.returncode == 0 else None

    async def _kill_green(self) -> None:
        """Kill green's processes while the step `monitor` runs."""
        while not _is_running(await self._status(), "monitor"):
            await asyncio.sleep(POLL)
        await asyncio.sleep(1)
        for instance in self._rollout.instances.running().values():
            if instance.facts["pool"] == "green":
                print(f"killing {instance.name} (pid {instance.pid})", flush=True)
                instance.signal(signal.SIGKILL)

    def _blue_alive(self) -> bool:
        try:
            return ask(self._rollout.front.port, "/pools/blue/health").status == 200
        except UnreachableError:
            return False

    def _report(self, deployment: Deployment, took: float, *, blue_alive: bool) -> bool:
        tally = self._tally
        print(f"\n{tally.requests} requests in {took:.1f} s: {tally.requests / took:.0f} a second")
        print(f"{tally.slow} of them took two seconds; {len(tally.failures)} failed")
        print(f"quick ones: median {tally.percentile(0.5) * 1000:.1f} ms, ", end="")
        print(f"99 % within {tally.percentile(0.99) * 1000:.1f} ms")
        for phase in ("before", "during", "after"):
            seen = tally.versions.get(phase, Counter())
            shown = ", ".join(f"{count} of {version}" for version, count in sorted(seen.items()))
            print(f"  {phase:7} the deployment: {shown or 'nothing'}")
        for failure in tally.failures[:5]:
            print(f"  failed: {failure}")
        outcome = deployment.status.get("state", "unknown")
        print(f"the playbook: {outcome} after {deployment.took:.1f} s", end="")
        print(f", exit code {deployment.exit_code}; blue {'lives' if blue_alive else 'is gone'}")
        if self._options.kill_green:
            return self._judge_killed(deployment, blue_alive=blue_alive)
        return self._judge(deployment, took, blue_alive=blue_alive)

    def _judge(self, deployment: Deployment, took: float, *, blue_alive: bool) -> bool:
        tally, versions = self._tally, self._tally.versions
        return _verdict(
            {
                "the playbook succeeded": deployment.exit_code == 0,
                "no request failed": not tally.failures,
                f"at least {self._options.requests} requests": tally.requests
                >= self._options.requests,
                "at least 200 requests a second": tally.requests / took >= 200,
                "requests of two seconds were in flight": tally.slow > 0,
                f"{OLD} alone before": set(versions.get("before", ())) == {OLD},
                "both versions during": set(versions.get("during", ())) == {OLD, NEW},
                f"{NEW} alone after": set(versions.get("after", ())) == {NEW},
                "blue is gone": not blue_alive,
            }
        )

    def _judge_killed(self, deployment: Deployment, *, blue_alive: bool) -> bool:
        error: dict[str, Any] = deployment.status.get("error") or {}
        print(f"the reason: {error.get('step')}: {error.get('message')}")
        return _verdict(
            {
                "the playbook failed": deployment.exit_code == 1,
                "and says that it was in monitor": error.get("step") == "monitor",
                "blue lives": blue_alive,
                "and serves": set(self._tally.versions.get("after", ())) == {OLD},
            }
        )


def _is_running(status: dict[str, Any], step: str) -> bool:
    return any(
        each["path"] == step and each["state"] == "running" for each in status.get("steps", [])
    )


def _verdict(conditions: dict[str, bool]) -> bool:
    for condition, holds in conditions.items():
        print(f"  {'ok  ' if holds else 'FAIL'}  {condition}")
    return all(conditions.values())

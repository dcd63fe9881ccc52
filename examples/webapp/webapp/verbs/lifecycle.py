"""Begin, look, end: `up`, `status`, `down`."""

from collections.abc import Mapping
from typing import Any

from webapp import daemons
from webapp.dataset import Dataset
from webapp.fleet.errors import InfraError
from webapp.fleet.rollout import Rollout
from webapp.fleet.state import Pool
from webapp.reporting import Report

QUICK = 5.0
"""Seconds that `down` gives to requests in flight."""


def up(rollout: Rollout, version: str | None) -> Report:
    """The proxy, and the first environment with all of the traffic. Leaves alone what is up."""
    settings = rollout.settings
    with rollout.state_file.locked(settings.pools):
        state = rollout.state_file.read()
        if state is not None and state.pools:
            port = rollout.front.port if rollout.front.announcement else _revived(rollout)
            return Report(f"already up at http://127.0.0.1:{port}", _values(rollout))
        first = settings.environments[0]
        Dataset(settings.data_of(first)).seed()
        port = rollout.front.start().port
        rollout.state_file.update(lambda state: state)
        wanted = Pool(version or settings.first_version, settings.usual_instances, weight=100)
        rollout.apply({first: wanted})
    text = f"up at http://127.0.0.1:{port}: {first} serves {wanted.version}"
    return Report(text, _values(rollout))


def down(rollout: Rollout) -> Report:
    """End everything that was started here. Data, backups and logs stay."""
    with rollout.state_file.locked(rollout.settings.pools):
        running = list(rollout.instances.running().values())
        proxy = rollout.front.announcement
        # The proxy first: it still needs the processes for what it has in flight.
        if proxy is not None:
            daemons.end([proxy], QUICK)
        daemons.end(running, QUICK)
        rollout.instances.forget([each.name for each in running])
        rollout.front.forget()
        rollout.state_file.clear()
    count = len(running) + (proxy is not None)
    return Report(f"ended {count} processes" if count else "nothing was up", {"ended": count})


def status(rollout: Rollout) -> Report:
    """What is wanted and what runs. Never waits for an operation."""
    values = _values(rollout)
    if not values["pools"]:
        return Report("nothing is up", values)
    lines = [f"http://127.0.0.1:{values['port']}" if values["port"] else "the proxy does not run"]
    for name, pool in values["pools"].items():
        alive = sum(each["alive"] for each in pool["instances"])
        share = f"{pool['weight']:>3} %" if pool["weight"] else "standby" if pool["standby"] else ""
        lines.append(f"  {name:24} {pool['version']:10} {alive} of {pool['size']} run  {share}")
    return Report("\n".join(lines), values)


def check(rollout: Rollout, pools: tuple[str, ...] = ()) -> Report:
    """Fails unless these pools (by default all that take traffic) can serve."""
    state = rollout.state()
    wanted = pools or tuple(name for name, pool in state.pools.items() if pool.weight)
    if rollout.front.announcement is None:
        raise InfraError("the proxy does not run")
    ailments = rollout.unhealthy(wanted)
    if ailments or not wanted:
        raise InfraError("; ".join(ailments) or "no pool takes traffic")
    return Report(f"healthy: {', '.join(wanted)}", {"healthy": list(wanted)})


def failures(rollout: Rollout) -> Report:
    """Percent of the requests to the processes in rotation that could not be answered."""
    state, traffic = rollout.state(), rollout.front.traffic()
    rotation = [each for pool in state.pools.values() if pool.weight for each in pool.instances]
    seen = [traffic[name] for name in rotation if name in traffic]
    failed = sum(each["failed"] for each in seen)
    asked = failed + sum(each["served"] for each in seen)
    percent = 100 * failed / asked if asked else 0.0
    return Report(f"{percent:.3f}", {"percent": percent, "failed": failed, "asked": asked})


def _revived(rollout: Rollout) -> int:
    rollout.ready()
    return rollout.front.port


def _values(rollout: Rollout) -> dict[str, Any]:
    state, running = rollout.state_file.read(), rollout.instances.running()
    proxy = rollout.front.announcement
    wanted: Mapping[str, Pool] = state.pools if state else {}
    pools = {
        name: {
            **pool._asdict(),
            "instances": [
                {"name": each, "alive": each in running, **_process(running.get(each))}
                for each in pool.instances
            ],
        }
        for name, pool in sorted(wanted.items())
    }
    serving = state.serving if state else None
    return {
        "port": proxy.port if proxy else None,
        "serving": serving,
        "version": state.pools[serving].version if state and serving else None,
        "pools": pools,
    }


def _process(instance: daemons.Announcement | None) -> dict[str, int]:
    return {"pid": instance.pid, "port": instance.port} if instance else {}

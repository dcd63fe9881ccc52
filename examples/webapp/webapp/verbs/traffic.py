"""`switch`, `failover` and `rollback`: where requests go."""

import time
from collections.abc import Mapping, Sequence

from webapp.fleet.errors import InfraError
from webapp.fleet.rollout import Rollout
from webapp.fleet.settings import CANARY
from webapp.fleet.state import Operation, Pool, State
from webapp.reporting import Report, progress


def switch(rollout: Rollout, source: str, target: str, *, gradual: bool) -> Report:
    """All traffic from one pool to another; `gradual` in steps, with a look at the health of
    the target after each. The source stays as a standby.
    """
    settings = rollout.settings
    with rollout.operation(f"switch {source} {target}", settings.traffic_pools) as state:
        for name in (source, target):
            if name not in state.pools:
                raise InfraError(f"{name} does not exist: deploy it first")
        ailments = rollout.unhealthy([target])
        if ailments:
            raise InfraError(f"{target} is not ready for traffic: {'; '.join(ailments)}")
        share = state.pools[source].weight
        if share:
            weights = {source: 0, target: state.pools[target].weight + share}
            shares = settings.shares if gradual else (100,)
            shift(rollout, weights, [source], shares)
        elif not state.pools[target].weight:
            raise InfraError(f"{source} takes no traffic that could go to {target}")
    text = f"traffic goes to {target}" + ("" if share else " (already)")
    return Report(text, {"from": source, "to": target, "changed": bool(share)})


def shift(
    rollout: Rollout, weights: Mapping[str, int], standby: Sequence[str], shares: Sequence[int]
) -> None:
    """Move weights to these in steps, `shares` percent of the way each. If a pool that gains is
    not healthy after a step, or fails a request, everything goes back to where it was.
    """
    pools = rollout.state().pools
    start = {name: pools[name].weight for name in weights}
    gaining = [name for name in weights if weights[name] > start[name]]
    failed_before = _failures(rollout, gaining)
    for share in shares:
        reached = {
            name: round(start[name] + (weights[name] - start[name]) * share / 100)
            for name in weights
        }
        rollout.weigh(reached, standby=standby)
        print(", ".join(f"{name} {weight} %" for name, weight in reached.items()), flush=True)
        if share < 100:
            time.sleep(rollout.settings.interval)
        progress(share)
        ailments = rollout.unhealthy(gaining)
        failures = _failures(rollout, gaining) - failed_before
        if failures:
            ailments.append(f"{failures} requests failed")
        if ailments:
            rollout.weigh(start, standby=[name for name in pools if pools[name].standby])
            raise InfraError(f"went back after {share} %: {'; '.join(ailments)}")


def failover(rollout: Rollout, site: str) -> Report:
    """All traffic to another site, which is built up there if need be; the rest may be dead."""
    settings = rollout.settings
    if site != settings.recovery_site:
        raise InfraError(f"{site} is no recovery site: `--to {settings.recovery_site}`", usage=True)
    with rollout.operation(f"failover {site}", settings.traffic_pools) as state:
        lost = state.serving
        model = state.pools[lost] if lost else Pool(settings.first_version, 1)
        current = state.pools.get(site)
        wanted = current or Pool(model.version, max(model.size, settings.usual_instances))
        changed = rollout.apply({site: wanted})
        others = [name for name in settings.traffic_pools if name in state.pools and name != site]
        if rollout.state().serving != site:
            rollout.weigh({**dict.fromkeys(others, 0), site: 100})
            changed = True
    text = f"traffic goes to {site}" + ("" if changed else " (already)")
    return Report(text, {"to": site, "version": wanted.version, "changed": changed})


def rollback(rollout: Rollout, *, immediate: bool) -> Report:
    """Undo the newest operation, finished or not: versions, sizes and weights of its pools.
    Traffic goes back in steps unless `immediate`.
    """
    settings = rollout.settings
    with rollout.state_file.locked(settings.pools):
        newest = rollout.ready().operation
        if newest is None:
            return Report("there is nothing to roll back", {"undone": None, "changed": False})
        changed = _undo(rollout, newest, (100,) if immediate else settings.shares)
        rollout.state_file.update(lambda state: state._replace(operation=None))
    kept = "" if changed else "; it had changed nothing"
    return Report(f"undone: {newest.what}{kept}", {"undone": newest.what, "changed": changed})


def _undo(rollout: Rollout, newest: Operation, shares: Sequence[int]) -> bool:
    now = rollout.state().pools
    before = {name: pool for name, pool in newest.before.items() if pool is not None}
    built = {
        name: pool._replace(weight=now[name].weight if name in now else 0)
        for name, pool in before.items()
    }
    changed = rollout.apply(built)
    weights = {name: pool.weight for name, pool in before.items()}
    weights |= {name: 0 for name in newest.before if name not in before and name in now}
    if any(rollout.state().pools[name].weight != weight for name, weight in weights.items()):
        shift(rollout, weights, [name for name in before if before[name].standby], shares)
        changed = True
    return rollout.apply({name: None for name in newest.before if name not in before}) or changed


def canary_weights(state: State, percentage: int) -> tuple[dict[str, int], str]:
    """The shares of the canary and of the pool that it is compared with, and that pool's name."""
    if not 0 <= percentage <= 100:
        raise InfraError(f"a percentage is from 0 to 100, not {percentage}", usage=True)
    stable = max(
        (name for name, pool in state.pools.items() if name != CANARY and _can_serve(pool)),
        key=lambda name: state.pools[name].weight,
        default=None,
    )
    if stable is None:
        raise InfraError("no pool takes traffic that a canary could be compared with")
    return {CANARY: percentage, stable: 100 - percentage}, stable


def _can_serve(pool: Pool) -> bool:
    return bool(pool.weight) or pool.standby


def _failures(rollout: Rollout, pools: Sequence[str]) -> int:
    traffic, state = rollout.front.traffic(), rollout.state()
    names = [each for name in pools for each in state.pools[name].instances]
    return sum(traffic[name]["failed"] for name in names if name in traffic)

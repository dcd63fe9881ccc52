"""`deploy`, `scale` and `decommission`: which processes there are."""

import os
from math import ceil

from webapp.fleet.errors import InfraError
from webapp.fleet.rollout import Rollout
from webapp.fleet.settings import CANARY
from webapp.fleet.state import Pool, State
from webapp.reporting import Report
from webapp.verbs.traffic import canary_weights


def deploy(rollout: Rollout, pool: str | None, version: str | None, *, fast: bool) -> Report:
    """A version in a pool, by default in the one that serves. `fast`: one process, and what it
    replaces ends at once, requests in flight or not.
    """
    name = pool or _serving(rollout)
    what = f"deploy {name} {version or ''}{' fast' if fast else ''}"
    with rollout.operation(what, [name]) as state:
        current = state.pools.get(name)
        number = version or _current_version(rollout, state)
        size = 1 if fast else current.size if current else rollout.settings.usual_instances
        wanted = (current or Pool(number, size))._replace(version=number, size=size)
        changed = rollout.apply({name: wanted}, gently=not fast)
    return _report(rollout, name, changed=changed)


def deploy_canary(rollout: Rollout, version: str | None, percentage: int) -> Report:
    """A new version beside the one that serves, with a share of the traffic."""
    settings = rollout.settings
    number = version or os.environ.get("PARAM_NEW_VERSION") or settings.next_version
    with rollout.operation(f"deploy canary {number} {percentage}", settings.traffic_pools) as state:
        changed = _place_canary(rollout, state, number, percentage)
    return _report(rollout, CANARY, changed=changed)


def scale_canary(rollout: Rollout, percentage: int) -> Report:
    """The canary's share of the traffic, and processes enough to carry it."""
    with rollout.operation(f"scale canary {percentage}", rollout.settings.traffic_pools) as state:
        canary = state.pools.get(CANARY)
        if canary is None:
            raise InfraError("there is no canary: deploy one with `deploy --canary`")
        changed = _place_canary(rollout, state, canary.version, percentage)
    return _report(rollout, CANARY, changed=changed)


def scale(rollout: Rollout, pool: str | None, instances: int) -> Report:
    """So many processes in a pool, by default in the one that serves."""
    name = pool or _serving(rollout)
    most = rollout.settings.most_instances
    with rollout.operation(f"scale {name} {instances}", [name]) as state:
        current = state.pools.get(name)
        if current is None:
            raise InfraError(f"{name} does not exist: deploy it first")
        if instances > most:
            raise InfraError(
                f"{instances} instances do not fit: this machine takes {most} of one pool "
                "(`most` in webapp.toml, or WEBAPP_MAX_INSTANCES)"
            )
        changed = rollout.apply({name: current._replace(size=instances)})
    return _report(rollout, name, changed=changed)


def restart(rollout: Rollout, pool: str | None) -> Report:
    """New processes for a pool, by default for the one that serves; the old ones go once they
    have answered what they had begun.
    """
    name = pool or _serving(rollout)
    with rollout.operation(f"restart {name}", [name]) as state:
        current = state.pools.get(name)
        if current is None:
            raise InfraError(f"{name} does not exist: deploy it first")
        rollout.apply({name: current}, renew=True)
    return _report(rollout, name, changed=True)


def decommission(rollout: Rollout, pool: str) -> Report:
    """End a pool that takes no traffic any more, once its last request is answered."""
    with rollout.operation(f"decommission {pool}", rollout.settings.pools) as state:
        current = state.pools.get(pool)
        if current is None:
            return Report(f"{pool} is gone already", {"pool": pool, "changed": False})
        if current.weight:
            raise InfraError(f"{pool} still takes traffic: `switch --from {pool} --to …` first")
        if current.standby:
            serving = [name for name, each in state.pools.items() if each.weight]
            ailments = rollout.unhealthy(serving)
            if ailments:
                raise InfraError(f"{pool} is the last that can serve: {'; '.join(ailments)}")
        rollout.apply({pool: None})
    return Report(f"{pool} is gone", {"pool": pool, "changed": True})


def _place_canary(rollout: Rollout, state: State, version: str, percentage: int) -> bool:
    weights, stable = canary_weights(state, percentage)
    size = max(1, ceil(state.pools[stable].size * percentage / 100))
    current = state.pools.get(CANARY)
    wanted = (current or Pool(version, size))._replace(version=version, size=size)
    changed = rollout.apply({CANARY: wanted})
    if {name: rollout.state().pools[name].weight for name in weights} == weights:
        return changed
    rollout.weigh(weights, standby=[stable] if percentage == 100 else [])
    return True


def _serving(rollout: Rollout) -> str:
    return rollout.state().serving or rollout.settings.environments[0]


def _current_version(rollout: Rollout, state: State) -> str:
    return state.pools[state.serving].version if state.serving else rollout.settings.first_version


def _report(rollout: Rollout, name: str, *, changed: bool) -> Report:
    pool = rollout.state().pools[name]
    share = f", {pool.weight} % of the traffic" if pool.weight else ""
    kept = "" if changed else " (already)"
    text = f"{name}: version {pool.version}, {pool.size} instances{share}{kept}"
    values = {"pool": name, "version": pool.version, "instances": pool.size, "changed": changed}
    return Report(text, {**values, "weight": pool.weight})

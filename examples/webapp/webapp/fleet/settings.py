"""`webapp.toml`, and the environment variables that override it."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from webapp.daemons import PROJECT
from webapp.fleet.errors import InfraError

CANARY = "canary"


class Settings(NamedTuple):
    """What this machine allows. Times are seconds, shares percent of the traffic."""

    run: Path
    """Where state, logs and data are kept."""
    environments: tuple[str, ...]
    regions: tuple[str, ...]
    components: tuple[str, ...]
    recovery_site: str
    first_version: str
    next_version: str
    broken_versions: tuple[str, ...]
    usual_instances: int
    most_instances: int
    health_timeout: float
    shares: tuple[int, ...]
    interval: float
    draining: bool
    drain_timeout: float

    @property
    def pools(self) -> tuple[str, ...]:
        """Every pool that there can be."""
        named = (*self.environments, CANARY, *self.regions, *self.components)
        return (*named, self.recovery_site)

    @property
    def traffic_pools(self) -> tuple[str, ...]:
        """Those that share the traffic; the others are reached by name alone."""
        return (*self.environments, CANARY, self.recovery_site)

    def data_of(self, pool: str) -> Path:
        """Where a pool keeps its records. All share one place, but for the recovery site: it has
        a copy of this project's paths below run/dr-site, where `/backup restore` puts them.
        """
        if pool == self.recovery_site:
            return self.run / "dr-site" / "run" / "data"
        return self.run / "data"


def read_settings(env: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this project."""
    path = PROJECT / "webapp.toml"
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    pools, versions, switch = data["pools"], data["versions"], data["switch"]
    return Settings(
        run=Path(env.get("WEBAPP_STATE") or PROJECT / "run").resolve(),
        environments=tuple(pools["environments"]),
        regions=tuple(pools["regions"]),
        components=tuple(pools["components"]),
        recovery_site=pools["recovery_site"],
        first_version=versions["first"],
        next_version=versions["next"],
        broken_versions=tuple(versions["broken"]),
        usual_instances=data["instances"]["usual"],
        most_instances=int(_number(env, "WEBAPP_MAX_INSTANCES", data["instances"]["most"])),
        health_timeout=_number(env, "WEBAPP_HEALTH_TIMEOUT", data["instances"]["health_timeout"]),
        shares=tuple(switch["shares"]),
        interval=_number(env, "WEBAPP_SWITCH_INTERVAL", switch["interval"]),
        draining=data["draining"]["enabled"] and env.get("WEBAPP_DRAINING", "on") != "off",
        drain_timeout=data["draining"]["timeout"],
    )


def _number(env: Mapping[str, str], name: str, otherwise: float) -> float:
    text = env.get(name)
    if not text:
        return otherwise
    try:
        return float(text)
    except ValueError as error:
        raise InfraError(f"{name} must be a number, not {text!r}", usage=True) from error

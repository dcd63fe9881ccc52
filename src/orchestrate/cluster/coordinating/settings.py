"""What a project says of that which its workflows share, as it travels."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from orchestrate.launching.freezing import frozen
from orchestrate.playbook.plan import Plan
from orchestrate.project.model import FreezeWindow
from orchestrate.project.model import Settings as ProjectSettings
from orchestrate.project.zone import local_zone
from orchestrate.workflow.admitting import Freezes
from orchestrate.workflow.rates import Limit


class Settings(NamedTuple):
    """`[capacity]`, `[engine] max_workflows`, `[rate_limits]` and `[[freeze]]`."""

    capacity: Mapping[str, int] = {}
    places: int | None = None
    limits: tuple[Limit, ...] = ()
    freezes: tuple[FreezeWindow, ...] = ()

    @classmethod
    def of_project(cls, settings: ProjectSettings) -> "Settings":
        """What `orchestrate.toml` says; a window without a time zone gets that of this machine."""
        zone = local_zone() if settings.freezes else None
        return cls(
            dict(settings.capacity),
            settings.max_workflows,
            tuple(Limit(*limit) for limit in settings.rate_limits),
            tuple(window._replace(zone=window.zone or zone) for window in settings.freezes),
        )

    def to_data(self) -> dict[str, Any]:
        """As JSON."""
        return json.loads(json.dumps(self._asdict()))

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Settings":
        """What `to_data` gave."""
        windows = (FreezeWindow(*window) for window in data["freezes"])
        return cls(
            data["capacity"],
            data["places"],
            cls.limits_of(data["limits"]),
            tuple(
                window._replace(
                    environments=None if window.environments is None else tuple(window.environments)
                )
                for window in windows
            ),
        )

    @staticmethod
    def limits_of(data: Iterable[Sequence[Any]]) -> tuple[Limit, ...]:
        """Rate limits as they travel."""
        return tuple(
            limit._replace(commands=tuple(tuple(words) for words in limit.commands))
            for limit in (Limit(*one) for one in data)
        )

    @property
    def digest(self) -> str:
        """Two that say the same have the same."""
        text = json.dumps(self.to_data(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def halts(self) -> Freezes | None:
        """When nothing new begins."""
        if not self.freezes:
            return None
        return lambda now, environment, priority: frozen(self.freezes, now, environment, priority)


def claims_anything(plan: Plan) -> bool:
    """Whether a workflow of that plan may ask for locks or capacity."""
    from orchestrate.playbook.linting.walk import walk
    from orchestrate.playbook.plan import SubPlaybook

    if plan.locks or plan.resources:
        return True
    for located in walk(plan):
        step = located.step
        if step.locks or step.resources:
            return True
        if isinstance(step.action, SubPlaybook) and claims_anything(step.action.plan):
            return True
    return False

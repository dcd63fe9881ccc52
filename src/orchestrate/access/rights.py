"""What somebody may do, and to what."""

from collections.abc import Sequence
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import NamedTuple

from orchestrate.errors import OrchestrateError
from orchestrate.playbook.plan import Json


class Scope(StrEnum):
    """What a token is for. Every one includes `view`, and `admin` includes all."""

    VIEW = "view"
    RUN = "run"
    APPROVE = "approve"
    ADMIN = "admin"


class ForbiddenError(OrchestrateError):
    """Somebody is known, but may not do that. Nothing was changed."""

    code = "forbidden"


class Rights(NamedTuple):
    """Scopes, and where they hold: names or patterns with `*` and `?`; None is everywhere."""

    scopes: tuple[Scope, ...]
    environments: tuple[str, ...] | None = None
    playbooks: tuple[str, ...] | None = None

    def has(self, scope: Scope) -> bool:
        """Whether they include a scope."""
        return scope is Scope.VIEW or scope in self.scopes or Scope.ADMIN in self.scopes

    @property
    def is_limited(self) -> bool:
        """Whether they hold for some environments or playbooks only."""
        return self.environments is not None or self.playbooks is not None

    def reach(self, environment: str | None, playbook: str | None) -> bool:
        """Whether they hold there; None: in whatever environment, or of whatever playbook."""
        return _fits(self.environments, environment) and _fits(self.playbooks, playbook)

    def demand(
        self, scope: Scope, environment: str | None = None, playbook: str | None = None
    ) -> None:
        """Raises ForbiddenError, which says what is missing."""
        if not self.has(scope):
            raise ForbiddenError(
                f"this takes the scope `{scope}`",
                hint=f"Yours are: {', '.join(self.scopes)}. `orchestrate token create` makes a "
                "token with others.",
            )
        if not _fits(self.environments, environment):
            raise ForbiddenError(
                f"this is in {environment}",
                hint=f"Your rights are limited to {', '.join(self.environments or ())}.",
            )
        if not _fits(self.playbooks, playbook):
            raise ForbiddenError(
                f"this is about the playbook {playbook}",
                hint=f"Your rights are limited to {', '.join(self.playbooks or ())}.",
            )

    def demand_everywhere(self, scope: Scope) -> None:
        """The same for what belongs to the whole project."""
        self.demand(scope)
        if self.is_limited:
            limits = (*(self.environments or ()), *(self.playbooks or ()))
            raise ForbiddenError(
                "this belongs to the whole project",
                hint=f"Your rights are limited to {', '.join(limits)}.",
            )

    def to_json(self) -> dict[str, Json]:
        """As it is shown and stored."""
        return {
            "scopes": [str(scope) for scope in self.scopes],
            "environments": _listed(self.environments),
            "playbooks": _listed(self.playbooks),
        }


EVERYTHING = Rights((Scope.ADMIN,))
"""What whoever can read the state directory may do anyway."""


def _fits(patterns: Sequence[str] | None, name: str | None) -> bool:
    if patterns is None or name is None:
        return True
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _listed(names: Sequence[str] | None) -> Json:
    return None if names is None else list(names)

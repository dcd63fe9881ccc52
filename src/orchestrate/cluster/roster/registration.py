"""What a worker says of itself."""

from collections.abc import Mapping
from typing import Any, NamedTuple


class Traits(NamedTuple):
    """What should be alike in all workers of a project. None: an older program did not say."""

    serves: bool | None = None
    """It has the project's playbooks: it starts what is due, and tells other systems."""
    settings: Mapping[str, str] | None = None
    """What its `orchestrate.toml` says, where that counts for others, too; see `traits.py`."""
    keys: tuple[str, ...] | None = None
    """The names of the keys with which it reads what is stored; the first one writes."""
    sdk: str = ""
    """The version of Temporal's SDK."""


class Registration(NamedTuple):
    """Said when it starts."""

    name: str
    host: str
    pools: tuple[str, ...]
    labels: tuple[str, ...]
    version: str
    """Of the program."""
    generation: int
    """Which workflows it runs; see `names.GENERATION`."""
    max_steps: int
    """Steps at once, in each of its pools."""
    pid: int
    instance: str
    """Tells two processes of one name apart."""
    started_at: float
    traits: Traits = Traits()

    def to_data(self) -> dict[str, Any]:
        """As JSON."""
        return {**self._asdict(), "traits": self.traits._asdict()}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Registration":
        """From JSON. What later versions add is left out, what earlier ones lack is not known."""
        known = {field: data[field] for field in cls._fields if field in data}
        traits = {name: said for name, said in data.get("traits", {}).items() if name in _TRAITS}
        if traits.get("keys") is not None:
            traits["keys"] = tuple(traits["keys"])
        return cls(**known)._replace(
            pools=tuple(data["pools"]), labels=tuple(data["labels"]), traits=Traits(**traits)
        )


_TRAITS = frozenset(Traits._fields)


class Sign(NamedTuple):
    """A sign of life."""

    running: int
    """Steps that run now."""
    draining: bool
    """It takes no new steps."""
    at: float


def identity(worker: str) -> str:
    """The id of a worker's workflow."""
    return f"orchestrate-worker-{worker}"

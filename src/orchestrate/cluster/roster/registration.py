"""What a worker says of itself."""

from collections.abc import Mapping
from typing import Any, NamedTuple


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

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Registration":
        """From JSON. What later versions add is left out."""
        known = {field: data[field] for field in cls._fields}
        return cls(**known)._replace(pools=tuple(data["pools"]), labels=tuple(data["labels"]))


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

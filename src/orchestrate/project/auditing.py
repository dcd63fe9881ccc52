"""`[audit]`: for how long actions are kept, and what signs how far they went."""

from typing import NamedTuple

from orchestrate.project.fields import Table


class Audit(NamedTuple):
    """Paths are as they are written: seen from the project's root."""

    key: str | None = None
    """The private Ed25519 key (PEM) that signs checkpoints; None: none are."""
    checkpoints: str | None = None
    """The file of signed checkpoints; None: `audit/checkpoints.jsonl` in the state directory."""
    sign_every: float = 3600.0
    """Seconds after which a process that has ended a workflow signs again."""
    retention_days: float = 0
    """Actions that are older are removed; 0 keeps them."""


def read_audit(table: Table) -> Audit:
    """The table, checked."""
    defaults = Audit()
    every = table.read("sign_every", "duration")
    found = Audit(
        table.read("key", "text"),
        table.read("checkpoints", "text"),
        defaults.sign_every if every is None else every,
        table.above_zero("retention_days", defaults.retention_days),
    )
    table.finish()
    return found

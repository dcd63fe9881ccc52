"""Whether workers and open workflows fit together, while a release is introduced and after."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from temporalio.client import Client

from orchestrate.cluster import names
from orchestrate.cluster.roster.looking import UNREADABLE, Standing, look

_OPEN = f"WorkflowType = '{names.PLAYBOOK}' AND ExecutionStatus = 'Running' AND TaskQueue = "


class Warned(NamedTuple):
    """Something to be looked at, and what to do about it."""

    message: str
    hint: str


async def warnings(client: Client) -> list[Warned]:
    """What does not fit. Raises RPCError, and ClusterError."""
    workers = [one for one in await look(client) if one.state not in ("lost", UNREADABLE)]
    served = {one.registration.generation for one in workers}
    found = [*_mixed(workers)]
    for generation in sorted(served | set(range(1, names.GENERATION + 1))):
        query = f"{_OPEN}'{names.playbook_queue(generation)}'"
        is_open = (await client.count_workflows(query)).count
        if is_open and generation not in served:
            found.append(_left(generation, is_open))
        elif is_open and generation != names.GENERATION:
            found.append(_late(generation, is_open))
    if served and names.GENERATION not in served:
        found.append(_too_early(served))
    return found


def _mixed(workers: Sequence[Standing]) -> Iterator[Warned]:
    versions: dict[str, list[str]] = {}
    for one in workers:
        versions.setdefault(one.registration.version, []).append(one.registration.name)
    if len(versions) > 1:
        listed = "; ".join(f"{ver}: {', '.join(who)}" for ver, who in sorted(versions.items()))
        yield Warned(
            f"workers have different versions: {listed}",
            "Bring all of them to one; docs/operating-a-cluster.md says in which order.",
        )


def _left(generation: int, is_open: int) -> Warned:
    return Warned(
        f"{is_open} open workflows are of generation {generation}, and no worker runs those",
        "Start a worker of the release that began them, until they are over.",
    )


def _late(generation: int, is_open: int) -> Warned:
    return Warned(
        f"{is_open} open workflows are of generation {generation}; this program starts those of "
        f"{names.GENERATION}",
        "Keep workers of both until they are over; then drain those of the old release.",
    )


def _too_early(served: set[int]) -> Warned:
    return Warned(
        f"no worker runs workflows that this program starts: they are of generation "
        f"{names.GENERATION}, the workers of {', '.join(map(str, sorted(served)))}",
        "Start workers of this release beside the others, or use the release that they have.",
    )

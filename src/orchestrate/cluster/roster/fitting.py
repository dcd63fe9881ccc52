"""Whether the workers of a cluster fit a project: its pools, settings, keys and libraries. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from orchestrate.cluster import names
from orchestrate.cluster.roster.looking import UNREADABLE, Standing
from orchestrate.cluster.roster.registration import Traits
from orchestrate.cluster.roster.traits import usual
from orchestrate.cluster.roster.versions import Warned


class Needs(NamedTuple):
    """What a project needs of workers."""

    pools: Mapping[str, str] = {}
    """Pools that playbooks name, with a playbook that does."""
    served: str = ""
    """What only workers with a folder `playbooks` do; "" if there is nothing of that."""


def misfits(needs: Needs, ours: Traits, workers: Sequence[Standing]) -> Iterator[Warned]:
    """What does not fit. `ours`: of whoever asks, with the project."""
    there = [one for one in workers if one.state not in ("lost", UNREADABLE)]
    yield from _unserved(needs, there)
    yield from _otherwise_set(ours, there)
    yield from _other_libraries(ours, there)
    yield from _unreadable([one for one in workers if one.state == UNREADABLE])
    yield from _other_keys(ours, there)


def _unserved(needs: Needs, there: Sequence[Standing]) -> Iterator[Warned]:
    able = [one.registration for one in there if one.registration.generation == names.GENERATION]
    served = {pool for one in able for pool in one.pools}
    for pool, playbook in sorted(needs.pools.items()):
        if pool not in served:
            yield Warned(
                f"no worker serves the pool {pool}, which {playbook} names: its steps wait",
                f"Start one: `orchestrate worker --pool {pool}`; or mend `pool` in the playbook.",
            )
    if needs.served and there and not any(_may_serve(one) for one in there):
        yield Warned(
            f"no worker has a folder `playbooks`: nobody sees to {needs.served}",
            "Start one in a folder that has the project.",
        )


def _may_serve(one: Standing) -> bool:
    return one.registration.traits.serves is not False


def _otherwise_set(ours: Traits, there: Sequence[Standing]) -> Iterator[Warned]:
    expected = ours.settings or {}
    for one in there:
        traits = one.registration.traits
        # A file that only says where the cluster is says nothing of the rest.
        said = {
            name: value
            for name, value in (traits.settings or {}).items()
            if traits.serves or value != usual().get(name)
        }
        other = [name for name, value in said.items() if expected.get(name, value) != value]
        if other:
            yield Warned(
                f"{one.registration.name} was started with another orchestrate.toml: "
                f"{', '.join(other)}",
                "Start it again with the file of this project. Of what workflows share, that "
                "counts which was said last.",
            )


def _other_libraries(ours: Traits, there: Sequence[Standing]) -> Iterator[Warned]:
    found: dict[str, list[str]] = {ours.sdk: ["here"]}
    for one in there:
        if one.registration.traits.sdk:
            found.setdefault(one.registration.traits.sdk, []).append(one.registration.name)
    if len(found) > 1:
        listed = "; ".join(f"{version}: {', '.join(who)}" for version, who in sorted(found.items()))
        yield Warned(
            f"Temporal's SDK has different versions: {listed}",
            "Install the same one everywhere: `pip install 'temporalio==VERSION'`.",
        )


def _unreadable(those: Sequence[Standing]) -> Iterator[Warned]:
    for one in those:
        yield Warned(
            f"{one.registration.name} writes under a key that is not known here",
            "Give it, or this project, the other's keys: `[engine.encryption]`.",
        )


def _other_keys(ours: Traits, there: Sequence[Standing]) -> Iterator[Warned]:
    written = (ours.keys or ())[:1]
    for one in there:
        keys = one.registration.traits.keys
        if keys is None or set(written) <= set(keys):
            continue
        has = "other keys" if keys else "no keys"
        yield Warned(
            f"{one.registration.name} has {has}: it cannot read what is written here",
            "Start it with the keys of `[engine.encryption]` that this project has.",
        )

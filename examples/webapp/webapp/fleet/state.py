"""What is wanted: pools, their versions and weights, in one JSON file that is replaced whole."""

import fcntl
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple


class Pool(NamedTuple):
    """One pool. `instances` are the names of its processes, `weight` its share of the traffic."""

    version: str
    size: int
    weight: int = 0
    standby: bool = False
    """Takes over if no pool with weight can be reached."""
    instances: tuple[str, ...] = ()


class Operation(NamedTuple):
    """The newest operation and how the pools that it changes were before; for `rollback`."""

    what: str
    before: Mapping[str, Pool | None]
    finished: bool


class State(NamedTuple):
    """Everything that outlives a call of `commands/infra`."""

    pools: Mapping[str, Pool]
    next_number: int = 1
    """For the next instance's name; names are never used twice."""
    operation: Operation | None = None

    def with_pool(self, name: str, pool: Pool | None) -> "State":
        """The state with this pool changed, added, or taken out."""
        pools = {key: value for key, value in self.pools.items() if key != name}
        return self._replace(pools=pools if pool is None else {**pools, name: pool})

    @property
    def serving(self) -> str | None:
        """The pool that takes the greatest share of the traffic."""
        weighted = [name for name, pool in self.pools.items() if pool.weight]
        return max(weighted, key=lambda name: self.pools[name].weight, default=None)


class StateFile:
    """The state in `run`/state.json. Reading never waits; changing takes turns."""

    def __init__(self, run: Path) -> None:
        self._file = run / "state.json"
        self._locks = run / "locks"

    def read(self) -> State | None:
        """The state; None if nothing is up."""
        try:
            return _from_json(json.loads(self._file.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None

    def update(self, change: Callable[[State], State]) -> State:
        """Replace the state by `change(state)` while nobody else does."""
        with self.locked(("state",)):
            changed = change(self.read() or State({}))
            fresh = self._file.with_name(".state.json.new")
            fresh.write_text(json.dumps(_to_json(changed), indent=1) + "\n", encoding="utf-8")
            fresh.replace(self._file)
        return changed

    def clear(self) -> None:
        """Nothing is wanted any more."""
        self._file.unlink(missing_ok=True)

    @contextmanager
    def locked(self, names: Sequence[str]) -> Iterator[None]:
        """Hold these locks, taken in the order of their names, so that two calls never wait for
        each other. The system frees them when the process ends, however it ends.
        """
        self._locks.mkdir(parents=True, exist_ok=True)
        held = [(self._locks / f"{name}.lock").open("a") for name in sorted(set(names))]
        try:
            for file in held:
                fcntl.flock(file, fcntl.LOCK_EX)
            yield
        finally:
            for file in held:
                file.close()


def _to_json(state: State) -> dict[str, Any]:
    operation = state.operation
    return {
        "pools": {name: pool._asdict() for name, pool in state.pools.items()},
        "next_number": state.next_number,
        "operation": operation
        and {
            **operation._asdict(),
            "before": {name: pool and pool._asdict() for name, pool in operation.before.items()},
        },
    }


def _from_json(data: Mapping[str, Any]) -> State:
    operation = data["operation"]
    if operation is not None:
        before = {name: pool and _pool(pool) for name, pool in operation["before"].items()}
        operation = Operation(operation["what"], before, operation["finished"])
    pools = {name: _pool(pool) for name, pool in data["pools"].items()}
    return State(pools, data["next_number"], operation)


def _pool(data: Mapping[str, Any]) -> Pool:
    return Pool(**data)._replace(instances=tuple(data["instances"]))

"""From what is to what is wanted: new processes first, then traffic, then the old ones go."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from webapp.daemons import Announcement
from webapp.fleet.errors import InfraError
from webapp.fleet.front import Front
from webapp.fleet.instances import Instances
from webapp.fleet.settings import Settings
from webapp.fleet.state import Operation, Pool, State, StateFile


class Rollout:
    """The one way in which anything is changed.

    Nothing that serves is touched before what replaces it is healthy; if it does not get healthy,
    nothing has changed. Repeating a change that is done already does nothing.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.front = Front(settings)
        self.instances = Instances(settings)
        self.state_file = StateFile(settings.run)

    def state(self) -> State:
        """What is wanted now; raises if nothing is up."""
        state = self.state_file.read()
        if state is None:
            raise InfraError("nothing is up yet: start with `commands/infra up`")
        return state

    def ready(self) -> State:
        """What is wanted now, once the proxy routes by it: after a crash it is started again."""
        state = self.state()
        if self.front.announcement is None:
            self.front.start()
            self.front.apply(state, self.instances.running())
        return state

    @contextmanager
    def operation(self, what: str, pools: Sequence[str]) -> Iterator[State]:
        """Hold these pools for an operation, and remember how they were for `rollback`.

        The same operation begun again after it was interrupted keeps what was remembered then;
        one that changed nothing is not remembered at all, unless it failed.
        """
        with self.state_file.locked(pools):
            earlier = self.ready()
            yield self.state_file.update(lambda state: _begun(state, what, pools))
            self.state_file.update(lambda state: _finished(state, what, earlier))

    def apply(
        self, wanted: Mapping[str, Pool | None], *, gently: bool = True, renew: bool = False
    ) -> bool:
        """Bring these pools to what is wanted (`instances` is filled in here); None ends a pool.
        `renew`: with new processes only. Returns whether anything had to be done.
        """
        before, running = self.state(), self.instances.running()
        kept = {
            name: () if renew else _kept(before.pools.get(name), pool, running)
            for name, pool in wanted.items()
            if pool is not None
        }
        started = self._start_missing(wanted, kept)
        running |= started
        after = {
            name: pool
            and pool._replace(
                instances=(
                    *kept[name],
                    *(each for each in started if _pool_of(started[each]) == name),
                )
            )
            for name, pool in wanted.items()
        }
        state = self._commit(lambda state: _with_pools(state, after), running)
        surplus = _present(before, running, wanted) - {
            each for pool in state.pools.values() for each in pool.instances
        }
        self._retire([running[each] for each in sorted(surplus) if each in running], gently=gently)
        self.instances.forget(surplus)
        return bool(started or surplus or state.pools != before.pools)

    def weigh(self, weights: Mapping[str, int], *, standby: Sequence[str] = ()) -> State:
        """Give these pools their shares, all at once; `standby` ones take over in need."""

        def change(state: State) -> State:
            for name, weight in weights.items():
                pool = state.pools[name]._replace(weight=weight, standby=name in standby)
                state = state.with_pool(name, pool)
            return state

        return self._commit(change, self.instances.running())

    def unhealthy(self, pools: Sequence[str]) -> list[str]:
        """Why these pools cannot serve; empty if every process of theirs is healthy."""
        state, running = self.state(), self.instances.running()
        reasons = [
            f"{name} has no process"
            for name in pools
            if name not in state.pools or not state.pools[name].instances
        ]
        names = [
            each for name in pools if name in state.pools for each in state.pools[name].instances
        ]
        return reasons + self.instances.unhealthy(running, names)

    def _commit(
        self, change: Callable[[State], State], running: Mapping[str, Announcement]
    ) -> State:
        def changed(state: State) -> State:
            state = change(state)
            # Under the state's lock, so that the proxy gets the tables in the same order.
            self.front.apply(state, self.instances.running() | dict(running))
            return state

        return self.state_file.update(changed)

    def _start_missing(
        self, wanted: Mapping[str, Pool | None], kept: Mapping[str, Sequence[str]]
    ) -> dict[str, Announcement]:
        started: dict[str, Announcement] = {}
        try:
            for name, pool in wanted.items():
                if pool is not None and (missing := pool.size - len(kept[name])) > 0:
                    names = self._new_names(name, missing)
                    started |= self.instances.start(names, name, pool.version)
        except InfraError:
            self.instances.end(list(started.values()), gently=False)
            raise
        return started

    def _new_names(self, pool: str, count: int) -> list[str]:
        state = self.state_file.update(
            lambda state: state._replace(next_number=state.next_number + count)
        )
        return [f"{pool}-{state.next_number - count + each}" for each in range(count)]

    def _retire(self, instances: Sequence[Announcement], *, gently: bool) -> None:
        gently = gently and self.settings.draining
        if gently:
            busy = self.front.drain([each.name for each in instances])
            if busy:
                print(f"still busy after {self.settings.drain_timeout:g} s: {busy}")
        self.instances.end(instances, gently=gently)


def _begun(state: State, what: str, pools: Sequence[str]) -> State:
    newest = state.operation
    if newest is not None and newest.what == what and not newest.finished:
        return state
    before = {name: state.pools.get(name) for name in pools}
    return state._replace(operation=Operation(what, before, finished=False))


def _finished(state: State, what: str, earlier: State) -> State:
    newest = state.operation
    if newest is None or newest.what != what:
        return state  # an operation on other pools has begun since
    if all(state.pools.get(name) == earlier.pools.get(name) for name in newest.before):
        return state._replace(operation=earlier.operation)
    return state._replace(operation=newest._replace(finished=True))


def _kept(
    current: Pool | None, wanted: Pool, running: Mapping[str, Announcement]
) -> tuple[str, ...]:
    names = current.instances if current else ()
    good = [
        each
        for each in names
        if each in running and running[each].facts["version"] == wanted.version
    ]
    return tuple(good[: wanted.size])


def _with_pools(state: State, pools: Mapping[str, Pool | None]) -> State:
    for name, pool in pools.items():
        state = state.with_pool(name, pool)
    return state


def _present(
    state: State, running: Mapping[str, Announcement], pools: Mapping[str, Pool | None]
) -> set[str]:
    """Every process of these pools, also those that a killed operation has left behind."""
    known = {each for name in pools if name in state.pools for each in state.pools[name].instances}
    return known | {name for name, each in running.items() if _pool_of(each) in pools}


def _pool_of(instance: Announcement) -> str:
    return str(instance.facts["pool"])

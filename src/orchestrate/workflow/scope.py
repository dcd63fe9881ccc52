"""The one concurrency primitive: a deterministic scheduler, and ordered scopes of children.

A `Task` is a coroutine; it moves until it awaits a `Pending` that has no value yet. `Scheduler.run`
moves tasks, first come first served, until none can move: then the workflow stands still and waits
for its host. Nothing here knows of time, threads or an event loop.

A `Scope` is what can be cancelled together. Scopes form a tree; a cancel reaches the children in
the order in which they were made, but not into a shielded scope (`finally`) unless it is hard. A
cancelled scope refuses every wait from then on, so an outer cancel can be delayed, never lost.

Outcomes are values: a child returns one, also when it was cancelled. `run_children` therefore has
nothing to catch, and its results are in written order whatever the order in which they came.
"""

from collections import deque
from collections.abc import Callable, Coroutine, Generator, Iterable
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

T = TypeVar("T")
Steps = Coroutine["Pending[Any]", None, None]


class Cancelled(BaseException):
    """Raised by a wait inside a cancelled scope. Not an `Exception`: no failure handler sees it."""


class Pending(Generic[T]):
    """A value that comes later, once. Awaited by at most one task."""

    __slots__ = ("_task", "done", "value")

    def __init__(self) -> None:
        self._task: Task | None = None
        self.done = False
        self.value: T

    def resolve(self, value: T) -> None:
        """Give the value; the task that awaits it becomes ready."""
        if self.done:
            return
        self.value = value
        self.done = True
        if self._task is not None:
            self._task.wake()

    def attach(self, task: "Task | None") -> None:
        """Remember who awaits it."""
        self._task = task

    def __await__(self) -> Generator["Pending[T]", None, T]:
        if not self.done:
            yield self
        return self.value


class Task:
    """A coroutine that the scheduler moves."""

    __slots__ = ("_coroutine", "_interrupted", "_pending", "_scheduler")

    def __init__(self, scheduler: "Scheduler", coroutine: Steps) -> None:
        self._scheduler = scheduler
        self._coroutine = coroutine
        self._pending: Pending[Any] | None = None
        self._interrupted = False

    def wake(self) -> None:
        """Its value has come."""
        self._pending = None
        self._scheduler.make_ready(self)

    def interrupt(self) -> None:
        """Raise `Cancelled` at its wait. Nothing happens if it is about to move anyway."""
        if self._pending is None:
            return
        self._pending.attach(None)
        self._pending = None
        self._interrupted = True
        self._scheduler.make_ready(self)

    def move(self) -> None:
        """Run it to its next wait, or to its end."""
        self._scheduler.current = self
        try:
            if self._interrupted:
                self._interrupted = False
                pending = self._coroutine.throw(Cancelled())
            else:
                pending = self._coroutine.send(None)
        except StopIteration:
            return
        self._pending = pending
        pending.attach(self)

    def close(self) -> None:
        """Drop it without running it any further."""
        self._coroutine.close()


class Scheduler:
    """Moves tasks until all stand still, or until its share is used up.

    A host that must not be kept for long gives it a share; where it stops it goes on the next time
    as if it had not, so what happens does not depend on shares. One unit is one move of a task or
    one turn of a loop; a host takes more away for what else takes time.
    """

    __slots__ = ("_left", "_ready", "_resting", "_share", "current")

    def __init__(self) -> None:
        self._ready: deque[Task] = deque()
        self.current: Task | None = None
        self._share: int | None = None
        self._left = 0
        self._resting: Pending[None] | None = None

    def share(self, units: int | None) -> None:
        """How much it may do from now on; None: as much as there is to do."""
        self._share = units
        self._left = units or 0

    def spend(self, units: int) -> None:
        """Something that its tasks asked for takes time too."""
        self._left -= units

    @property
    def spent(self) -> bool:
        """Whether the share is used up."""
        return self._share is not None and self._left <= 0

    async def rest(self) -> None:
        """A place in a long loop where it may stop; nothing else moves before the loop goes on."""
        if self._share is None:
            return
        self._left -= 1
        if self._left <= 0:
            self._resting = Pending()
            await self._resting

    def spawn(self, coroutine: Steps) -> Task:
        """A new task; it moves when its turn comes."""
        task = Task(self, coroutine)
        self._ready.append(task)
        return task

    def make_ready(self, task: Task) -> None:
        """Put a task at the end of the queue."""
        self._ready.append(task)

    def run(self) -> bool:
        """Move tasks until none can move: True, or until the share is used up: False."""
        ready = self._ready
        if self._share is None:
            while ready:
                ready.popleft().move()
            self.current = None
            return True
        while self._left > 0:
            if self._resting is not None:
                resting, self._resting = self._resting, None
                resting.resolve(None)
                ready.rotate(1)  # it goes on before all others
            if not ready:
                self.current = None
                return True
            ready.popleft().move()
            self._left -= 1
        self.current = None
        return not ready and self._resting is None


class Scope:
    """What is cancelled together. One task waits in it at a time; children have their own."""

    __slots__ = ("_children", "_parent", "_waiting", "hard", "reason", "scheduler", "shielded")

    def __init__(
        self, scheduler: Scheduler, parent: "Scope | None" = None, *, shielded: bool = False
    ) -> None:
        self.scheduler = scheduler
        self.shielded = shielded
        self.reason: str | None = None
        self.hard = False
        self._parent = parent
        self._children: dict[Scope, None] = {}
        self._waiting: Task | None = None
        if parent is None:
            return
        parent._children[self] = None
        if parent.hard or (parent.reason is not None and not shielded):
            self.reason = parent.reason
            self.hard = parent.hard

    @property
    def cancelled(self) -> bool:
        """Whether it was cancelled, by itself or from outside."""
        return self.reason is not None

    def child(self, *, shielded: bool = False) -> "Scope":
        """A scope inside; leave it with `close` or a `with` block."""
        return Scope(self.scheduler, self, shielded=shielded)

    def close(self) -> None:
        """It is over: no cancel needs to reach it."""
        if self._parent is not None:
            self._parent._children.pop(self, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def cancel(self, reason: str, *, hard: bool = False) -> None:
        """Cancel it and what is inside, in the order of making. `hard` reaches shielded ones."""
        if self.reason is not None and (self.hard or not hard):
            return
        if self.reason is None:
            self.reason = reason
        self.hard = self.hard or hard
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.interrupt()
        for child in tuple(self._children):
            if hard or not child.shielded:
                child.cancel(reason, hard=hard)

    async def wait(self, pending: Pending[T]) -> T:
        """Await `pending`; raises `Cancelled` if the scope is cancelled before the value comes."""
        if pending.done:
            return pending.value
        if self.reason is not None:
            raise Cancelled
        self._waiting = self.scheduler.current
        try:
            return await pending
        finally:
            self._waiting = None


Child = Callable[[Scope], Coroutine[Pending[Any], None, T]]


class _Group(Generic[T]):
    """Children that run at once, `limit` at a time, started in written order."""

    def __init__(
        self,
        scope: Scope,
        children: Iterable[Child[T]],
        limit: int | None,
        ended: Callable[[int, T], str | None],
    ) -> None:
        self._scope = scope
        self._children = iter(children)
        self._limit = limit
        self._ended = ended
        self._next = 0
        self._alive = 0
        self.empty: Pending[None] = Pending()

    def fill(self) -> None:
        while self._limit is None or self._alive < self._limit:
            if self._scope.cancelled:
                break
            child = next(self._children, None)
            if child is None:
                break
            self._alive += 1
            self._scope.scheduler.spawn(self._run(self._next, child))
            self._next += 1
        if not self._alive:
            self.empty.resolve(None)

    async def _run(self, index: int, child: Child[T]) -> None:
        with self._scope.child() as scope:
            value = await child(scope)
        self._alive -= 1
        reason = self._ended(index, value)
        if reason is not None:
            self._scope.cancel(reason)
        self.fill()


async def run_children(
    scope: Scope,
    children: Iterable[Child[T]],
    *,
    limit: int | None,
    ended: Callable[[int, T], str | None],
) -> None:
    """Run `children` inside `scope`, at most `limit` at once; returns when none is left.

    `ended(index, value)` is told of each as it ends; the text that it returns cancels the others
    and keeps those that have not begun from starting. A cancel of `scope` reaches the children;
    the caller still gets all that began, ended.
    """
    with scope.child() as inside:
        group = _Group(inside, children, limit, ended)
        group.fill()
        await group.empty

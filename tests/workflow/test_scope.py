"""The one concurrency primitive."""

from functools import partial

from orchestrate.workflow.scope import Cancelled, Pending, Scheduler, Scope, run_children


def test_a_task_moves_to_its_next_wait_and_no_further() -> None:
    scheduler, seen, pending = Scheduler(), [], Pending[int]()

    async def task() -> None:
        seen.append("before")
        seen.append(await pending)

    scheduler.spawn(task())
    scheduler.run()
    assert seen == ["before"]
    pending.resolve(7)
    scheduler.run()
    assert seen == ["before", 7]


def test_a_pending_keeps_its_first_value() -> None:
    pending = Pending[int]()
    pending.resolve(1)
    pending.resolve(2)
    assert pending.value == 1


class Family:
    """Children that wait, each with its own pending value."""

    def __init__(self, count: int, limit: int | None = None, fail_on: str = "") -> None:
        self.scheduler = Scheduler()
        self.root = Scope(self.scheduler)
        self.pending = [Pending[str]() for _ in range(count)]
        self.log: list[str] = []
        self.results: dict[int, str] = {}
        self.over = False
        self.fail_on = fail_on
        self.scheduler.spawn(self.parent(limit))
        self.scheduler.run()

    async def parent(self, limit: int | None) -> None:
        children = [partial(self.child, index) for index in range(len(self.pending))]
        await run_children(self.root, children, limit=limit, ended=self.ended)
        self.over = True

    async def child(self, index: int, scope: Scope) -> str:
        self.log.append(f"start {index}")
        try:
            return await scope.wait(self.pending[index])
        except Cancelled:
            self.log.append(f"cancel {index}")
            return "cancelled"

    def ended(self, index: int, result: str) -> str | None:
        self.results[index] = result
        return "a sibling failed" if result == self.fail_on else None

    def resolve(self, index: int, value: str) -> None:
        self.pending[index].resolve(value)
        self.scheduler.run()


def test_children_start_in_the_order_written_up_to_the_limit() -> None:
    family = Family(4, limit=2)
    assert family.log == ["start 0", "start 1"]
    family.resolve(1, "done")
    assert family.log == ["start 0", "start 1", "start 2"]


def test_the_parent_waits_for_all_children() -> None:
    family = Family(2)
    family.resolve(1, "b")
    assert not family.over
    family.resolve(0, "a")
    assert family.over
    assert family.results == {1: "b", 0: "a"}


def test_a_failure_cancels_the_others_in_the_order_written() -> None:
    family = Family(4, fail_on="bad")
    family.resolve(2, "bad")
    assert family.log[4:] == ["cancel 0", "cancel 1", "cancel 3"]
    assert family.over


def test_a_failure_keeps_others_from_starting() -> None:
    family = Family(4, limit=2, fail_on="bad")
    family.resolve(0, "bad")
    assert family.log == ["start 0", "start 1", "cancel 1"]
    assert family.over


def test_a_cancel_from_outside_reaches_children_and_is_not_lost_while_aborting() -> None:
    family = Family(3, fail_on="bad")
    family.pending[0].resolve("bad")
    family.root.cancel("outer")
    family.scheduler.run()
    assert family.root.cancelled
    assert family.results == {0: "bad", 1: "cancelled", 2: "cancelled"}


def test_no_children_end_at_once() -> None:
    assert Family(0).over


class Waiter:
    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.pending = Pending[int]()
        self.ended = ""
        scope.scheduler.spawn(self.run())
        scope.scheduler.run()

    async def run(self) -> None:
        try:
            await self.scope.wait(self.pending)
            self.ended = "value"
        except Cancelled:
            self.ended = "cancelled"


def test_a_shielded_scope_is_reached_only_by_a_hard_cancel() -> None:
    root = Scope(Scheduler())
    waiter = Waiter(root.child(shielded=True))
    root.cancel("soft")
    root.scheduler.run()
    assert waiter.ended == ""
    root.cancel("hard", hard=True)
    root.scheduler.run()
    assert waiter.ended == "cancelled"


def test_a_cancelled_scope_refuses_every_later_wait() -> None:
    root = Scope(Scheduler())
    root.cancel("gone")
    assert Waiter(root).ended == "cancelled"
    assert Waiter(root.child()).ended == "cancelled"
    assert Waiter(root.child(shielded=True)).ended == ""


def test_a_value_that_came_before_the_cancel_is_kept() -> None:
    root = Scope(Scheduler())
    waiter = Waiter(root)
    waiter.pending.resolve(1)
    root.cancel("too late")
    root.scheduler.run()
    assert waiter.ended == "value"


def test_a_cancel_that_came_before_the_value_counts() -> None:
    root = Scope(Scheduler())
    waiter = Waiter(root)
    root.cancel("first")
    waiter.pending.resolve(1)
    root.scheduler.run()
    assert waiter.ended == "cancelled"

"""Who is granted what: the policy by itself."""

from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrate.workflow.granting import Entry, Policy, covers, inherited


def entry(
    number: int,
    workflow: int,
    locks: Mapping[str, bool] | None = None,
    resources: Mapping[str, int] | None = None,
    path: str = "a",
    **more: object,
) -> Entry:
    return Entry(number, workflow, path, locks or {}, resources or {}, **more)  # type: ignore[arg-type]


def granted(policy: Policy) -> list[int]:
    return [found.number for found in policy.decide().granted]


def test_one_has_it_the_others_wait_in_order() -> None:
    held, waiting = [entry(1, 1, {"x": False})], [entry(n, n, {"x": False}) for n in (2, 3)]
    assert granted(Policy(held, waiting, None)) == []
    assert granted(Policy([], waiting, None)) == [2]


def test_those_that_share_go_together_unless_one_that_does_not_came_before() -> None:
    shared = {"x": True}
    waiting = [
        entry(1, 1, shared),
        entry(2, 2, shared),
        entry(3, 3, {"x": False}),
        entry(4, 4, shared),
    ]
    assert granted(Policy([], waiting, None)) == [1, 2]


def test_capacity_is_kept_for_the_one_that_came_first() -> None:
    held = [entry(1, 1, resources={"cpu": 2})]
    waiting = [entry(2, 2, resources={"cpu": 3}), entry(3, 3, resources={"cpu": 1})]
    assert granted(Policy(held, waiting, {"cpu": 4})) == []
    assert granted(Policy([], waiting, {"cpu": 4})) == [2, 3]


def test_what_does_not_collide_passes() -> None:
    held = [entry(1, 1, {"x": False})]
    waiting = [
        entry(2, 2, {"x": False, "y": False}),
        entry(3, 3, {"y": False}),
        entry(4, 4, {"z": False}),
    ]
    assert granted(Policy(held, waiting, None)) == [4]


def test_the_youngest_of_a_deadlock_is_refused_and_whoever_waits_behind_it_is_not() -> None:
    held = [entry(1, 1, {"x": False}, path=""), entry(2, 2, {"y": False}, path="")]
    waiting = [entry(3, 1, {"y": False}), entry(4, 2, {"x": False}), entry(5, 3, {"x": False})]
    verdict = Policy(held, waiting, None).decide()
    assert [(r.entry.number, r.reason) for r in verdict.refused] == [(4, "deadlock")]


def test_two_that_share_and_want_it_alone_are_a_deadlock() -> None:
    held = [entry(1, 1, {"x": True}, path=""), entry(2, 2, {"x": True}, path="")]
    waiting = [entry(3, 1, {"x": False}), entry(4, 2, {"x": False})]
    assert [r.entry.number for r in Policy(held, waiting, None).decide().refused] == [4]


def test_capacity_inside_capacity_that_can_never_come_is_a_deadlock() -> None:
    held = [entry(1, 1, resources={"cpu": 3}, path="")]
    waiting = [entry(2, 1, resources={"cpu": 2})]
    assert [r.reason for r in Policy(held, waiting, {"cpu": 4}).decide().refused] == ["deadlock"]


def test_whoever_holds_passes_all_that_queue_behind_one_that_waits_for_it() -> None:
    held = [entry(1, 1, {"y": False}, path="a")]
    waiting = [
        entry(2, 2, {"x": False, "y": True}),  # waits for what the first holds
        entry(3, 3, {"x": False}),  # nobody has it, but the one before wants it, too
        entry(4, 1, {"x": True}, path="a/b"),
    ]
    assert granted(Policy(held, waiting, None)) == [4]


def test_whoever_holds_passes_them_for_capacity_too() -> None:
    held = [entry(1, 1, {"y": False}, path="a")]
    waiting = [
        entry(2, 2, {"y": False}, {"cpu": 2}),
        entry(3, 3, resources={"cpu": 1}),
        entry(4, 1, resources={"cpu": 1}, path="a/b"),
    ]
    assert 4 in granted(Policy(held, waiting, {"cpu": 2}))


def test_order_never_makes_a_deadlock() -> None:
    held = [entry(1, 1, {"x": False}, path="")]
    waiting = [entry(2, 2, {"x": False, "y": False}), entry(3, 1, {"y": False})]
    assert granted(Policy(held, waiting, None)) == [3]


def test_more_than_there_is_is_refused() -> None:
    verdict = Policy([], [entry(1, 1, resources={"cpu": 5})], {"cpu": 4}).decide()
    assert [r.reason for r in verdict.refused] == ["capacity"]


def test_one_behind_which_nobody_is_drops_out_when_its_turn_comes() -> None:
    waiting = [entry(1, 1, {"x": False}), entry(2, 2, {"x": False})]
    verdict = Policy([], waiting, None, lambda e: e.number != 1).decide()
    assert ([e.number for e in verdict.granted], [e.number for e in verdict.dropped]) == ([2], [1])


def test_rank_goes_before_number() -> None:
    waiting = [entry(1, 1, {"x": False}, rank=1.0), entry(2, 2, {"x": False})]
    assert granted(Policy([], waiting, None)) == [2]


def test_a_lock_inside_itself_has_the_same_token() -> None:
    outer, inner = entry(1, 1, {"x": False}, path=""), entry(2, 1, {"x": True})
    assert inherited(inner, [(outer, {"x": 7})], "x") == 7
    assert covers("sub/playbook", "sub/step")
    assert not covers("sub/playbook", "subway")


names = st.sampled_from("xyz")
locks = st.dictionaries(names, st.booleans(), max_size=2)
amounts = st.dictionaries(st.sampled_from(["cpu", "ram"]), st.integers(1, 3), max_size=2)
claims = st.lists(st.tuples(locks, amounts, st.booleans()), min_size=1, max_size=8)


@given(claims)
def test_nothing_is_held_twice_and_everybody_comes_to_an_end(
    given_claims: list[tuple[dict[str, bool], dict[str, int], bool]],
) -> None:
    waiting = [entry(n, n, *wanted[:2]) for n, wanted in enumerate(given_claims, 1)]
    held: list[Entry] = []
    had: list[int] = []
    for _ in range(len(waiting) + 1):
        verdict = Policy(held, waiting, {"cpu": 3, "ram": 3}).decide()
        assert not verdict.refused
        held += verdict.granted
        had += [e.number for e in verdict.granted]
        waiting = [e for e in waiting if e not in verdict.granted]
        for name in "xyz":
            holders = [e.locks[name] for e in held if name in e.locks]
            assert len(holders) < 2 or all(holders)
        for name in ("cpu", "ram"):
            assert sum(e.resources.get(name, 0) for e in held) <= 3
        if held:
            held.pop(0)
    assert sorted(had) == list(range(1, len(given_claims) + 1))


NESTED = ("a", "a/b", "a/b/c")
WANTED = st.tuples(
    st.dictionaries(st.sampled_from("xyz"), st.booleans(), max_size=2),
    st.dictionaries(st.just("cpu"), st.integers(1, 2), max_size=1),
)
PROGRAMS = st.lists(st.lists(WANTED, min_size=1, max_size=3), min_size=2, max_size=5)


class Play:
    """Workflows that claim one thing inside of the other, and then give all of it back."""

    def __init__(self, programs: list[list[tuple[dict[str, bool], dict[str, int]]]]) -> None:
        self.programs = dict(enumerate(programs))
        self.held: list[Entry] = []
        self.waiting: list[Entry] = []
        self.claims = 0

    def able(self) -> list[int]:
        """Workflows that do not wait."""
        stuck = {one.workflow for one in self.waiting}
        return [workflow for workflow in self.programs if workflow not in stuck]

    def act(self, workflow: int) -> None:
        mine = [one for one in self.held if one.workflow == workflow]
        if len(mine) == len(self.programs[workflow]):
            self.end(workflow)
        else:
            self.claims += 1
            locks, resources = self.programs[workflow][len(mine)]
            path = NESTED[len(mine)]
            self.waiting.append(entry(self.claims, workflow, locks, resources, path))
        self.decide()

    def decide(self) -> None:
        verdict = Policy(self.held, self.waiting, {"cpu": 3}).decide()
        for one in verdict.granted:
            self.waiting.remove(one)
            self.held.append(one)
        for refused in verdict.refused:
            self.end(refused.entry.workflow)
        if verdict.refused:
            self.decide()

    def end(self, workflow: int) -> None:
        del self.programs[workflow]
        self.held = [one for one in self.held if one.workflow != workflow]
        self.waiting = [one for one in self.waiting if one.workflow != workflow]


@settings(deadline=None, max_examples=120)
@given(PROGRAMS, st.data())
def test_nothing_ever_stands_still(programs, data) -> None:
    play = Play(programs)
    while play.programs:
        able = play.able()
        assert able, (play.held, play.waiting)
        play.act(data.draw(st.sampled_from(able)))
    assert (play.held, play.waiting) == ([], [])

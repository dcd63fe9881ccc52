"""What the coordinator knows, whatever order messages arrive in, and however often."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrate.cluster.coordinating.ledger import Ledger, claim_data
from orchestrate.cluster.coordinating.settings import Settings
from orchestrate.workflow.program import Claim, LockWanted
from orchestrate.workflow.rates import Limit


def message(workflow: str, number: int, *says: Any, run: float = 1.0, base: int = 1) -> dict:
    return {
        "workflow": workflow, "run": run, "number": number, "base": base, "priority": "normal",
        "linger": 30.0, "says": says,
    }  # fmt: skip


def lock(path: str, *names: str, tokens: dict[str, int] | None = None, shared: bool = False):
    wanted = tuple(LockWanted(name, shared, "wait", None) for name in names)
    return ("claim", *claim_data(Claim(path, wanted, {}, tokens or {})))


def heard(ledger: Ledger, now: float, *messages: dict) -> dict[str, list[Any]]:
    for one in messages:
        ledger.hear(one, now)
    return ledger.decide(now).answers


def tokens(answers: dict[str, list[Any]], workflow: str) -> list[dict[str, int]]:
    return [answer["tokens"] for answer in answers.get(workflow, ()) if answer.get("tokens")]


def test_what_comes_early_waits_and_what_comes_twice_counts_once():
    ledger = Ledger(b"")
    claimed, released = message("A", 1, *lock("a", "x")), message("A", 2, "release", "a")
    assert heard(ledger, 1.0, released) == {}
    assert heard(ledger, 2.0, claimed) == {}
    assert heard(ledger, 3.0, claimed, released, message("B", 1, *lock("b", "x")))["B"][0][
        "tokens"
    ] == {"x": 1}


def test_whoever_is_over_says_nothing_more():
    ledger = Ledger(b"")
    heard(ledger, 1.0, message("A", 1, *lock("a", "x")))
    heard(ledger, 1.5, message("A", 2, "gone"))
    assert heard(ledger, 2.0, message("A", 1, *lock("a", "x"))) == {}
    assert ledger.claims.rows == []
    later = heard(ledger, 3.0, message("A", 1, *lock("a", "x"), run=2.0))
    assert tokens(later, "A") == [{"x": 2}]


def test_one_that_knows_nothing_asks_to_be_told_again_and_tokens_go_on():
    ledger = Ledger(b"")
    ledger.claims.raise_tokens(1000)
    answers = heard(ledger, 1.0, message("A", 7, "release", "b", base=7))
    assert answers == {"A": [{"kind": "again"}]}
    held = lock("a", "x", tokens={"x": 4})
    assert tokens(heard(ledger, 2.0, message("A", 8, *held, base=8)), "A") == [{"x": 1001}]


def test_a_run_that_follows_keeps_what_the_one_before_it_had():
    ledger = Ledger(b"")
    heard(ledger, 1.0, message("A", 1, *lock("a", "x")), message("B", 1, *lock("b", "x")))
    again = message("A", 1, *lock("a", "x", tokens={"x": 1}), run=2.0)
    assert tokens(heard(ledger, 2.0, again), "A") == [{"x": 1}]
    after = heard(ledger, 3.0, message("A", 2, "gone", run=2.0))
    assert tokens(after, "B") == [{"x": 2}]


def test_what_a_terminated_one_had_is_free_after_its_time():
    ledger = Ledger(b"")
    heard(ledger, 1.0, message("A", 1, *lock("a", "x")), message("B", 1, *lock("b", "x")))
    ledger.terminated("A", 10.0)
    assert ledger.decide(39.9) == ({}, [], 40.0)
    assert tokens(ledger.decide(40.0).answers, "B") == [{"x": 2}]


def test_a_token_that_was_given_back_is_there_for_the_next():
    ledger = Ledger(b"")
    limit = Limit("sh", (("sh",),), 1, 60.0)
    ledger.apply(Settings(limits=(limit,)), {})
    first = heard(ledger, 0.0, message("A", 1, "pace", 5, ["sh", "-c"]))
    assert first == {"A": [{"kind": "paced", "attempt": 5, "at": 0.0, "limits": ("sh",)}]}
    second = heard(ledger, 1.0, message("B", 1, "pace", 6, ["sh"]))
    assert second["B"][0]["at"] == 60.0
    heard(ledger, 2.0, message("B", 2, "unpace", 6))
    assert heard(ledger, 3.0, message("C", 1, "pace", 7, ["/sh"]))["C"][0]["at"] == 60.0


@st.composite
def conversations(draw: st.DrawFn) -> list[dict]:
    """What some workflows say, each in its order, as it may arrive."""
    said: list[dict] = []
    for workflow in "ABC":
        number = 0
        for step in range(draw(st.integers(1, 4))):
            names = draw(st.lists(st.sampled_from("xyz"), min_size=1, max_size=2, unique=True))
            shared = draw(st.booleans())
            said.append(message(workflow, number + 1, *lock(f"s{step}", *names, shared=shared)))
            said.append(message(workflow, number + 2, "release", f"s{step}"))
            number += 2
        said.append(message(workflow, number + 1, "gone"))
    twice = draw(st.lists(st.sampled_from(said), max_size=4))
    return draw(st.permutations([*said, *twice]))


@settings(max_examples=50, deadline=None)
@given(conversations(), st.data())
def test_in_whatever_order_it_arrives_nothing_is_held_twice_and_nothing_stays(arrived, data):
    ledger = Ledger(b"")
    last: dict[str, int] = {}
    for moment, one in enumerate(arrived, 1):
        for answers in heard(ledger, float(moment), one).values():
            for answer in answers:
                for name, token in (answer["tokens"] or {}).items():
                    assert token >= last.get(name, 0)
                    last[name] = token
        holders: dict[str, list[bool]] = {}
        for row in ledger.claims.rows:
            for name, shared in row.locks.items() if row.holds else ():
                holders.setdefault(name, []).append(shared)
        assert all(len(held) == 1 or all(held) for held in holders.values())
        if data.draw(st.booleans()):
            ledger = Ledger(ledger.dump())
    assert ledger.claims.rows == []
    assert ledger.suspected == {}

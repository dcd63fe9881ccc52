"""Who is waited for, in words."""

from orchestrate.cluster.roster.expecting import described
from orchestrate.cluster.roster.looking import Standing
from orchestrate.cluster.roster.registration import Registration


def worker(name: str, state: str) -> Standing:
    said = Registration(name, "host", ("default",), (), "1.0", 1, 4, 1, "x", 0.0)
    return Standing(said, state, None, None)


def test_nobody_is_known():
    assert described([]) == ""


def test_all_were_lost():
    assert described([worker("a", "lost")]) == "a is lost (start it again, or another one)"
    assert (
        described([worker("a", "lost"), worker("b", "lost")])
        == "a, b are lost (start one again, or another one)"
    )


def test_those_that_work_are_busy_whoever_else_was_lost():
    known = [worker("a", "lost"), worker("b", "working"), worker("c", "starting")]
    assert described(known) == "b, c are busy, or cannot be reached"


def test_of_many_some_are_named():
    known = [worker(f"w{n}", "lost") for n in range(8)]
    assert (
        described(known)
        == "w0, w1, w2, w3, w4 and 3 more are lost (start one again, or another one)"
    )

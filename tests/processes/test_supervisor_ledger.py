"""What a supervisor remembers, and for how long."""

from orchestrate.processes.supervising.ledger import Ledger

MANY = 2_000
ENGINE, LATER = object(), object()


def played(ledger: Ledger, workflow: str, attempt: str, epoch: int = 1) -> None:
    """An attempt from its launch to its acknowledgement."""
    assert ledger.admit(attempt, workflow, epoch, ENGINE) == ""
    ledger.begin(attempt, workflow, 1)
    ledger.end(attempt, b"ended")
    assert ledger.settle(attempt) is not None


def test_an_attempt_is_launched_once_and_by_the_latest_owner_only():
    ledger = Ledger()
    assert ledger.fence("w", 3, LATER) == 3
    assert "taken w over" in ledger.admit("w:a:1", "w", 2, ENGINE)
    assert ledger.admit("w:a:1", "w", 3, LATER) == ""
    assert "launched before" in ledger.admit("w:a:1", "w", 4, LATER)


def test_what_is_over_is_forgotten_when_much_has_come_after_it():
    ledger = Ledger()
    assert ledger.fence("first", 7, ENGINE) == 7
    played(ledger, "second", "second:a:1", 7)
    for number in range(MANY):
        played(ledger, f"w{number}", f"w{number}:a:1")
    assert ledger.fence("first", 1, ENGINE) == 1
    assert ledger.fence("second", 1, ENGINE) == 1
    assert ledger.admit("second:a:1", "second", 1, ENGINE) == ""
    assert "launched before" in ledger.admit(f"w{MANY - 1}:a:1", f"w{MANY - 1}", 1, ENGINE)


def test_who_owns_what_is_open_is_remembered_whatever_comes_after_it():
    ledger = Ledger()
    ledger.admit("long:a:1", "long", 5, ENGINE)
    ledger.begin("long:a:1", "long", 1)
    for number in range(2 * MANY):
        played(ledger, f"w{number}", f"w{number}:a:1")
    assert ledger.owner_of("long:a:1") is ENGINE
    assert "launched before" in ledger.admit("long:a:1", "long", 5, ENGINE)
    assert ledger.fence("long", 1, LATER) == 5


def test_what_was_taken_over_is_remembered_as_long_as_the_one_that_lost_it_may_launch():
    ledger = Ledger()
    ledger.starter = ENGINE
    for number in range(2 * MANY):  # all of a daemon that was stopped
        assert ledger.fence(f"w{number}", 2, LATER) == 2
    refused = [ledger.admit(f"w{n}:a:1", f"w{n}", 1, ENGINE) for n in range(2 * MANY)]
    assert all("taken w" in why for why in refused)
    ledger.forget_engine(ENGINE)
    for number in range(2 * MANY):
        ledger.fence(f"later{number}", 1, LATER)
    assert ledger.fence("w0", 1, LATER) == 1

"""When a run hands on to the next one."""

from orchestrate.cluster.hosting.leaving import LONGEST_HOLD, Leaving


def test_a_long_run_wants_to_leave_and_holds_nothing_back():
    leaving = Leaving(100)
    leaving.look(99, 0, 0.0)
    assert (leaving.wanted, leaving.held) == (False, False)
    leaving.look(100, 0, 0.0)
    assert (leaving.wanted, leaving.held) == (True, False)


def test_a_large_history_is_long_too():
    leaving = Leaving(100)
    leaving.look(1, 8_000_000, 0.0)
    assert leaving.wanted
    leaving.look(1, 16_000_000, 0.0)
    assert leaving.held


def test_nothing_begins_for_a_while_and_then_it_does_again():
    leaving = Leaving(100)
    leaving.look(200, 0, 1000.0)
    assert leaving.held
    leaving.look(210, 0, 1000.0 + LONGEST_HOLD - 1)
    assert leaving.held
    leaving.look(210, 0, 1000.0 + LONGEST_HOLD)
    assert (leaving.wanted, leaving.held) == (True, False)
    leaving.look(300, 0, 2000.0)
    assert not leaving.held
    leaving.look(310, 0, 2000.0)
    assert leaving.held


def test_near_the_limits_everything_waits_for_as_long_as_it_takes():
    for events, size, signals in ((40_000, 0, 0), (1, 36_000_000, 0), (1, 0, 8_000)):
        leaving = Leaving(100)
        for _ in range(signals):
            leaving.signalled()
        leaving.look(events, size, 0.0)
        assert (leaving.wanted, leaving.held) == (True, True)
        leaving.look(events, size, 100_000.0)
        assert leaving.held

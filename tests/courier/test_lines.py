"""Which delivery is next."""

from orchestrate.courier.lines import Lines
from orchestrate.launching.deliveries import Delivery


def delivery(number: int, channel: str, next_at: float) -> Delivery:
    return Delivery(
        number, "WF-2026-001", number, channel, channel, "start", False, 0.0, 0.0, "waiting", 0,
        next_at, "", (), None, "deploy",
    )  # fmt: skip


def test_what_has_waited_longest_is_next_and_its_channel_is_busy() -> None:
    lines = Lines()
    lines.know([delivery(1, "a", 30.0), delivery(2, "b", 10.0), delivery(3, "c", 20.0)])
    first, second = lines.take(25.0), lines.take(25.0)
    assert (first and first.channel, second and second.channel) == ("b", "c")
    assert lines.take(25.0) is None
    assert lines.next_at() == 30.0
    assert lines.busy == 2


def test_a_channel_goes_on_with_its_next() -> None:
    lines = Lines()
    lines.know([delivery(1, "a", 0.0)])
    lines.take(0.0)
    lines.know([delivery(1, "a", 0.0)])  # looked up anew while it is under way
    assert lines.take(9.0) is None
    lines.know_one("a", delivery(5, "a", 7.0))
    assert lines.next_at() == 7.0
    taken = lines.take(9.0)
    assert taken is not None
    assert taken.number == 5
    lines.know_one("a", None)
    assert (lines.next_at(), lines.busy) == (None, 0)

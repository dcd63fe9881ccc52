import re

import pytest

from orchestrate.commands.trace_context import Context, parse, trace_of

CALLER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_a_caller_s_trace_goes_on() -> None:
    trace = trace_of("WF-2026-001", 1.0, CALLER)
    assert trace == ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", True)
    assert re.fullmatch("00-4bf92f3577b34da6a3ce929d0e0e4736-[0-9a-f]{16}-01",
                        str(trace.attempt(7)))  # fmt: skip
    assert str(trace_of("WF-2026-001", 1.0, CALLER[:-2] + "00").attempt(7)).endswith("-00")


def test_without_a_caller_ids_follow_from_the_workflow() -> None:
    one = trace_of("WF-2026-001", 1.0)
    assert one == trace_of("WF-2026-001", 1.0)
    assert one.parent_id == ""
    assert one.id != trace_of("WF-2026-001", 2.0).id
    assert one.id != trace_of("WF-2026-002", 1.0).id
    assert one.span("attempt", 7) != one.span("step", 7) != one.span("step", 8)


def test_a_share_of_traces_is_sampled() -> None:
    assert not trace_of("WF-2026-001", 1.0, ratio=0.0).sampled
    sampled = sum(trace_of(f"WF-2026-{n:03}", 1.0, ratio=0.25).sampled for n in range(1000))
    assert 200 < sampled < 300


def test_a_context_is_read_as_it_is_written() -> None:
    context = parse(CALLER)
    assert context == Context("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", True)
    assert str(context) == CALLER
    assert parse("01" + CALLER[2:] + "-more") is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "garbage",
        CALLER.upper(),
        CALLER + "-more",
        "ff" + CALLER[2:],
        "00-" + "0" * 32 + "-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-" + "0" * 16 + "-01",
        "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x",
    ],
)
def test_what_is_not_valid_counts_as_absent(text: str) -> None:
    assert parse(text) is None
    assert trace_of("WF-2026-001", 1.0, text).parent_id == ""

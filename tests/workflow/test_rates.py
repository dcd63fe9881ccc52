"""Rate limits: a bucket in one number."""

from hypothesis import given
from hypothesis import strategies as st

from orchestrate.workflow.rate_views import standing
from orchestrate.workflow.rates import Limit, applying, charged, earliest

INFRA = Limit("infra", (("infra",),), 10, 60.0)
DEPLOY = Limit("/infra deploy", (("infra", "deploy"),), 1, 60.0)


def starts(limit: Limit, asked: list[float]) -> list[float]:
    due, found = 0.0, []
    for now in asked:
        at = earliest(limit, due, now)
        due = charged(limit, due, at)
        found.append(at)
    return found


def test_the_tokens_that_there_are_go_at_once_and_the_others_come_evenly() -> None:
    limit = Limit("x", (("x",),), 3, 30.0)
    assert starts(limit, [100.0] * 5) == [100.0, 100.0, 100.0, 110.0, 120.0]


def test_after_a_rest_the_bucket_is_full_again_and_never_more_than_full() -> None:
    limit = Limit("x", (("x",),), 2, 20.0)
    assert starts(limit, [0.0, 0.0, 1000.0, 1000.0, 1000.0]) == [0.0, 0.0, 1000.0, 1000.0, 1010.0]


@given(
    st.integers(1, 5),
    st.lists(st.floats(0, 5), min_size=1, max_size=40),
)
def test_no_window_sees_more_than_the_bucket_and_what_flowed_in(
    most: int, gaps: list[float]
) -> None:
    limit = Limit("x", (("x",),), most, 10.0)
    now, asked = 1000.0, []
    for gap in gaps:
        now += gap
        asked.append(now)
    found = starts(limit, asked)
    assert all(at >= when for at, when in zip(found, asked, strict=True))
    for first, begin in enumerate(found):
        for last in range(first, len(found)):
            window = found[last] - begin
            assert last - first + 1 <= most + window / limit.interval + 1e-6


def test_a_limit_counts_calls_by_their_first_words() -> None:
    both = (INFRA, DEPLOY)
    assert applying(both, ("/infra", "deploy", "--now")) == both
    assert applying(both, ("/infra", "scale")) == (INFRA,)
    assert applying(both, ("infra",)) == (INFRA,)
    assert applying(both, ("./infra",)) == ()
    assert applying(both, ()) == ()


def test_people_see_what_is_left_and_who_waits() -> None:
    limit = Limit("infra", (("infra", "deploy"), ("make",)), 3, 30.0)
    due = 0.0
    seen = []
    for _ in range(6):
        (one,) = standing([limit], {"infra": due}, 100.0)
        seen.append((one.left, one.waiting, one.next_at))
        due = charged(limit, due, earliest(limit, due, 100.0))
    assert seen == [
        (3, 0, None), (2, 0, None), (1, 0, None), (0, 0, 110.0), (0, 1, 120.0), (0, 2, 130.0),
    ]  # fmt: skip
    assert one.commands == ["infra deploy", "make"]
    assert (one.name, one.most, one.period) == ("infra", 3, 30.0)


def test_limits_that_were_never_used_are_full_and_stand_by_their_names() -> None:
    found = standing([INFRA, DEPLOY], {}, 100.0)
    assert [(one.name, one.left) for one in found] == [("/infra deploy", 1), ("infra", 10)]

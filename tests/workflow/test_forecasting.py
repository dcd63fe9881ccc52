"""What will collide."""

from orchestrate.workflow.forecasting import Collision, Coming, collisions


def test_who_does_not_fit_starts_when_enough_is_free_again() -> None:
    backup = Coming(0.0, "backup", 2400.0, {"connections": 6})
    audit = Coming(0.0, "zaudit", 600.0, {"connections": 6})
    assert collisions([audit, backup], {"connections": 10}) == [
        Collision(0.0, ("backup", "zaudit"), "connections", 12, 10, "zaudit", 2400.0)
    ]


def test_what_fits_or_has_no_limit_does_not_collide() -> None:
    both = [Coming(0.0, "a", 10.0, {"x": 5, "y": 99}), Coming(5.0, "b", 10.0, {"x": 5, "y": 99})]
    assert collisions(both, {"x": 10}) == []
    later = [Coming(0.0, "a", 10.0, {"x": 9}), Coming(10.0, "b", 10.0, {"x": 9})]
    assert collisions(later, {"x": 10}) == []


def test_what_never_fits_is_said_and_holds_up_nobody() -> None:
    found = collisions(
        [Coming(0.0, "big", 10.0, {"x": 11}), Coming(1.0, "small", 10.0, {"x": 10})], {"x": 10}
    )
    assert found == [Collision(0.0, ("big",), "x", 11, 10, "big", None)]


def test_a_queue_of_them_starts_one_after_another() -> None:
    three = [Coming(0.0, name, 100.0, {"workflows": 1}) for name in ("a", "b", "c")]
    found = collisions(three, {"workflows": 1})
    assert [(one.late, one.starts) for one in found] == [("b", 100.0), ("c", 200.0)]

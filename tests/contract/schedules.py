"""The conformance suite of the port `Schedules`: where schedules are kept, as people see them.

Subclass `SchedulesContract` and give it a fixture `schedules`.
"""

from datetime import UTC, datetime

import pytest

from orchestrate.errors import ConflictError, NotFoundError
from orchestrate.triggers.schedules import Overlap, Schedule, Schedules
from orchestrate.triggers.slots import Dst


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


NIGHTLY = Schedule(
    "nightly", "backup", "0 2 * * *", "Europe/Berlin", "production", {"target": "all", "n": 3},
    "ada", Dst.SKIP, overlap=Overlap.QUEUE, jitter=30.0, decided_until=at("2026-05-01T12:00"),
)  # fmt: skip


class SchedulesContract:
    """What every place for schedules keeps to."""

    def test_a_schedule_is_kept_as_it_is(self, schedules: Schedules) -> None:
        assert schedules.all() == []
        assert schedules.put(NIGHTLY) is True
        assert schedules.get("nightly") == NIGHTLY
        assert list(schedules.all()) == [NIGHTLY]
        assert list(schedules.history("nightly", 10)) == []

    def test_the_same_again_changes_nothing_and_another_needs_to_be_told(
        self, schedules: Schedules
    ) -> None:
        schedules.put(NIGHTLY)
        assert schedules.put(NIGHTLY._replace(actor="bob", enabled=True)) is False
        other = NIGHTLY._replace(cron="0 3 * * *")
        with pytest.raises(ConflictError, match=r"another: backup at `0 2 \* \* \*`"):
            schedules.put(other)
        assert schedules.put(other, replace=True) is True
        assert schedules.get("nightly").cron == "0 3 * * *"

    def test_time_while_it_was_disabled_is_not_made_up_for(self, schedules: Schedules) -> None:
        schedules.put(NIGHTLY)
        coming = at("2999-06-01T12:00")
        schedules.enable("nightly", enabled=True, now=coming)
        assert schedules.get("nightly").decided_until == coming
        schedules.enable("nightly", enabled=True, now=coming + 1)
        assert schedules.get("nightly").decided_until == coming
        schedules.enable("nightly", enabled=False, now=coming + 2)
        assert schedules.get("nightly").enabled is False

    def test_what_is_removed_is_gone_and_its_name_is_free(self, schedules: Schedules) -> None:
        schedules.put(NIGHTLY)
        schedules.put(NIGHTLY._replace(name="another"))
        schedules.remove("nightly")
        assert [which.name for which in schedules.all()] == ["another"]
        assert schedules.put(NIGHTLY._replace(cron="@daily")) is True

    def test_names_that_do_not_exist_have_a_nearest_one(self, schedules: Schedules) -> None:
        schedules.put(NIGHTLY)
        for ask in (
            lambda: schedules.get("nighly"),
            lambda: schedules.remove("nighly"),
            lambda: schedules.enable("nighly", enabled=True, now=0.0),
        ):
            with pytest.raises(NotFoundError) as caught:
                ask()
            assert caught.value.hint == "Did you mean `nightly`?"

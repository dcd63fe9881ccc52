"""What the library of Temporal remarks on."""

import logging
from collections.abc import Generator

import pytest
import temporalio.activity

from orchestrate.cluster.working.remarks import hand_on

_LOGGER = logging.getLogger("temporalio")


@pytest.fixture
def remarks() -> Generator[list[str]]:
    before = _LOGGER.handlers, _LOGGER.propagate
    said: list[str] = []
    hand_on(said.append)
    yield said
    _LOGGER.handlers, _LOGGER.propagate = before


def test_an_error_is_one_line_without_a_traceback(
    remarks: list[str], capfd: pytest.CaptureFixture[str]
):
    error = OSError("no such file\nand more")
    temporalio.activity.logger.warning("Completing activity as failed", exc_info=error)
    temporalio.activity.logger.warning("a step is lost\nTraceback")
    assert remarks == ["Completing activity as failed: no such file", "a step is lost"]
    assert capfd.readouterr() == ("", "")


def test_an_error_without_words_is_told_by_its_kind(remarks: list[str]):
    logging.getLogger("temporalio.worker").error("Worker failed", exc_info=TimeoutError())
    assert remarks == ["Worker failed: TimeoutError"]


def test_what_only_developers_need_is_kept_back(remarks: list[str]):
    temporalio.activity.logger.info("Beginning activity")
    temporalio.activity.logger.debug("Beginning activity")
    assert not remarks

"""The example application, in a run directory of the test's own, ended after it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path += [str(HERE), str(HERE.parents[1] / "examples" / "webapp")]

from running_webapp import Webapp  # noqa: E402


@pytest.fixture
def webapp(tmp_path: Path) -> Iterator[Webapp]:
    """Nothing is up yet."""
    example = Webapp(tmp_path / "run")
    yield example
    started = example.processes()
    example.infra("down")
    assert [each.name for each in started if each.alive] == []


@pytest.fixture
def running(webapp: Webapp) -> Webapp:
    """Version 1.0 is up on blue."""
    webapp.infra("up", "--version", "1.0")
    return webapp

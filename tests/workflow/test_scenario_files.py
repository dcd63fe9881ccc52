"""Wrong scenario files: every mistake at once, each at its place, with what was meant."""

from pathlib import Path

import pytest

from orchestrate.workflow.scenarios.compiling import Compiler
from orchestrate.workflow.scenarios.reading import Invalid, read_scenarios
from orchestrate.workflow.scenarios.sources import NoProject

BROKEN = Path(__file__).parent / "broken_scenarios"
FILES = sorted(BROKEN.glob("*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_broken_scenario_file_is_refused_with_all_that_is_wrong(file: Path) -> None:
    read = read_scenarios(file.name, file.read_bytes(), Compiler(NoProject()))
    invalid = (item for item in read.scenarios if isinstance(item, Invalid))
    told = [line for it in invalid for line in (f"== {it.name or it.file}", *it.faults)]
    assert "\n".join(told) + "\n" == file.with_suffix(".txt").read_text()

import importlib
import pkgutil
from pathlib import Path

import click
import pytest

import orchestrate
from orchestrate.cli import errors
from orchestrate.errors import ConflictError, OrchestrateError, Place, UsageError
from orchestrate.project.fields import Problem, SettingsError

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "troubleshooting.md"


def every_error() -> set[type[OrchestrateError]]:
    for module in pkgutil.walk_packages(orchestrate.__path__, "orchestrate."):
        if not module.name.endswith("__main__") and "supervising" not in module.name:
            importlib.import_module(module.name)
    found = {OrchestrateError}
    waiting = [OrchestrateError]
    while waiting:
        waiting += [kind for kind in waiting.pop().__subclasses__() if kind not in found]
        found |= set(waiting)
    return {kind for kind in found if kind.__module__.startswith("orchestrate.")}


def test_every_code_is_documented_with_its_exit_codes() -> None:
    rows = {
        line.split("|")[1].strip(" `"): set(line.split("|")[2].strip().split(", "))
        for line in DOCUMENT.read_text().splitlines()
        if line.startswith("| `")
    }
    codes: dict[str, set[str]] = {}
    for kind in every_error():
        codes.setdefault(kind.code, set()).add(str(kind.exit_code))
    assert rows == codes


@pytest.fixture
def told(monkeypatch, written):
    monkeypatch.setattr(errors, "err", written)
    return written


def test_an_error_has_code_place_and_hint(told) -> None:
    error = UsageError("no", hint="Do this.\nOr that.", place=Place("a.yaml", 3, 7))
    assert errors.report(error, debug=False) == 2
    assert told.lines == ["error[usage]: no", "  --> a.yaml:3:7", "  = Do this.", "    Or that."]


def test_several_findings_stand_below_a_headline(told) -> None:
    assert errors.report(ConflictError("one\ntwo"), debug=False) == 5
    assert told.lines == ["error[conflict]: several things are wrong", "one", "two"]


def test_a_fault_has_no_traceback_unless_asked_for(told) -> None:
    assert errors.report(ZeroDivisionError("oh"), debug=False) == 1
    assert told.lines[0] == "error[error]: ZeroDivisionError: oh"
    assert not any("Traceback" in line for line in told.lines)


def test_interruptions_end_with_130(told) -> None:
    assert errors.report(KeyboardInterrupt(), debug=False) == 130
    assert errors.report(click.Abort(), debug=False) == 130
    assert told.lines == ["interrupted", "interrupted"]


def test_a_full_disk_is_said_in_words(told) -> None:
    assert errors.report(OSError(28, "No space left on device", "/x"), debug=False) == 1
    assert told.lines[0] == "error[state-directory]: No space left on device: /x"
    assert "orchestrate resume" in told.lines[1]


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("/srv/shop/.orchestrate/store.lock", "error[state-directory]: Permission denied: /srv/"),
        ("/srv/other/x.yaml", "error[error]: /srv/other/x.yaml: Permission denied"),
        ("/var/state/store.lock", "error[state-directory]: Permission denied: /var/"),
    ],
)
def test_only_what_lies_in_the_state_directory_could_lie_elsewhere(
    told, monkeypatch, file, line
) -> None:
    if file.startswith("/var/state/"):
        monkeypatch.setenv("ORCHESTRATE_STATE_DIR", "/var/state")
    else:
        monkeypatch.delenv("ORCHESTRATE_STATE_DIR", raising=False)
    assert errors.report(PermissionError(13, "Permission denied", file), debug=False) == 1
    assert told.lines[0].startswith(line)
    assert ("ORCHESTRATE_STATE_DIR" in told.lines[1]) == ("state-directory" in line)


def test_several_problems_of_settings_have_their_own_places_and_hints() -> None:
    problems = [
        Problem(Place("orchestrate.toml", 2, 1), "unknown key `engin`", "Did you mean `engine`?"),
        Problem(Place("orchestrate.toml", 5, 3), "it must be a number", ""),
    ]
    assert errors.render(SettingsError(problems)).splitlines() == [
        "error[settings]: the settings have 2 errors",
        "orchestrate.toml:2:1: unknown key `engin`",
        "  = Did you mean `engine`?",
        "orchestrate.toml:5:3: it must be a number",
    ]

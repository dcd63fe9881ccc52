"""Settings and environment files: `orchestrate.toml`, `environments/NAME.yaml`."""

from collections.abc import Iterator

from fuzzing.target import ROOT, Target, documents, is_good, says_why, workplace

from orchestrate.errors import OrchestrateError
from orchestrate.project.environments import read_environment
from orchestrate.project.model import Project
from orchestrate.project.settings import DEFAULTS, parse_settings

_ROOT = workplace()


def check(data: bytes) -> None:
    """What is wrong is said with its place; what is right says the same when it is read again."""
    try:
        assert parse_settings("t.toml", data) == parse_settings("t.toml", data)
    except OrchestrateError as error:
        _check_error(error)
    file = _ROOT / "environments" / "it.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(data)
    try:
        read_environment(Project(_ROOT, _ROOT / "state", DEFAULTS), "it")
    except OrchestrateError as error:
        _check_error(error)


def _check_error(error: OrchestrateError) -> None:
    says_why(error)
    if not hasattr(error, "problems") and not hasattr(error, "diagnostics"):
        is_good(error)


def _seeds() -> Iterator[bytes]:
    yield from documents("examples/**/orchestrate.toml", "examples/**/environments/*.yaml")
    for document in sorted((ROOT / "docs").glob("*.md")):
        text = document.read_text("utf-8")
        for kind in ("toml", "yaml"):
            for piece in text.split(f"```{kind}\n")[1:]:
                yield piece.partition("```")[0].encode()


TARGET = Target(
    "settings and environment files: understood, or every mistake with its place",
    check,
    _seeds,
    longest=1500,
)

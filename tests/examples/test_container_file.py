"""The container file: what it copies is there, what it runs fits the program."""

import json
import re
from pathlib import Path

import orchestrate.cli.serve
from orchestrate.cli.verbs import VERBS

ROOT = Path(__file__).resolve().parents[2]


def instructions() -> list[tuple[str, str]]:
    """Word and rest of each instruction; lines that go on are joined."""
    text = (ROOT / "Containerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in lines]


def test_each_stage_copies_what_is_there_or_what_another_stage_made() -> None:
    froms = [rest for word, rest in instructions() if word == "FROM"]
    stages = [rest.split(" AS ")[1] for rest in froms if " AS " in rest]
    assert stages == ["console", "wheel"]
    ignored = (ROOT / ".dockerignore").read_text().split()
    for rest in (rest for word, rest in instructions() if word == "COPY"):
        *sources, _ = rest.split()
        if sources[0].startswith("--from="):
            assert sources.pop(0).removeprefix("--from=") in stages
            continue
        for source in sources:
            assert (ROOT / source).exists(), source
            assert source not in ignored


def test_it_needs_all_that_the_build_of_a_wheel_takes() -> None:
    copied = {name for word, rest in instructions() if word == "COPY" for name in rest.split()[:-1]}
    wheel = re.findall(r'"(docs/man)/[^"]+" = ', (ROOT / "pyproject.toml").read_text())
    assert {"pyproject.toml", "README.md", "LICENSE", "scripts", "src", *wheel} <= copied


def test_it_serves_as_an_ordinary_user() -> None:
    said = dict(instructions())
    assert said["USER"] == "operations"
    assert json.loads(said["ENTRYPOINT"]) == ["orchestrate"]
    (verb,) = json.loads(said["CMD"])
    assert verb in VERBS
    assert orchestrate.cli.serve.serve.name == verb
    assert said["ENV"] == f"ORCHESTRATE_STATE_DIR={said['VOLUME']}"

"""`python -m benchmarks.profiles`: flame graphs of the hot paths, kept in docs/profiles.

Taken by py-spy, from PyPI, in the environment of the other tools. Engine, supervisor and slots are
all in one picture; time that a process sleeps is left out.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.peers import environment
from benchmarks.project import Project, foreach

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "docs" / "profiles"
RATE = 500


def record(spy: str, project: Project, name: str, *words: str) -> None:
    """Profile one command into `docs/profiles/NAME.svg`."""
    KEPT.mkdir(exist_ok=True)
    picture = KEPT / f"{name}.svg"
    subprocess.run(
        [
            spy,
            "record",
            "--rate",
            str(RATE),
            "--subprocesses",
            "--format",
            "flamegraph",
            "--output",
            picture,
            "--",
            sys.executable,
            "-m",
            "orchestrate",
            *words,
        ],
        cwd=project.folder,
        env=project.env,
        check=True,
        capture_output=True,
    )
    picture.write_text(_anonymous(picture.read_text(), "orchestrate " + " ".join(words)))
    print(f"docs/profiles/{name}.svg")


def _anonymous(svg: str, title: str) -> str:
    """Without the paths and process numbers of the machine on which it was taken."""
    svg = re.sub(r'(id="title"[^>]*>)[^<]*', rf"\1{title}", svg)
    svg = re.sub(r">process \d+:[^<]*</text>", "></text>", svg)
    svg = re.sub(r"process \d+:[^<(]*/supervising/main\.py[^<(]*", "supervisor and slots ", svg)
    return re.sub(r"process \d+:[^<(]*orchestrate [^<(]*", "engine ", svg)


def main() -> None:
    """Take every profile."""
    spy = str(environment(ROOT) / "py-spy")
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=Path.cwd()) as folder:
        project = Project(Path(folder) / "project")
        project.write("sequence", foreach(3000))
        project.write("parallel", foreach(3000, 8))
        for playbook in ("one", "sequence", "parallel", "inline"):
            project.run(playbook)
            record(spy, project, playbook, "run", "--playbook", playbook)
        record(spy, project, "status", "status", "--all")


if __name__ == "__main__":
    main()

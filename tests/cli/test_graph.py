"""`orchestrate graph` on the command line."""

import subprocess
import sys
from pathlib import Path


def graph(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "orchestrate", *words]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)


def project(folder: Path) -> Path:
    (folder / "playbooks").mkdir()
    text = (
        "steps:\n  - {name: first, command: /bin/true}\n  - {name: second, command: /bin/false}\n"
    )
    (folder / "playbooks" / "two.yaml").write_text(text)
    return folder


def test_a_playbook_is_drawn_for_the_terminal(tmp_path: Path) -> None:
    done = graph(project(tmp_path), "graph", "two")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "two\n├─ first  /bin/true\n└─ second  /bin/false\n"
    assert not (tmp_path / ".orchestrate" / "orchestrate.db").exists()


def test_the_ending_of_the_file_says_the_format(tmp_path: Path) -> None:
    root = project(tmp_path)
    for name, start in (("x.svg", "<svg "), ("x.mmd", "flowchart TD"), ("x.dot", "digraph ")):
        assert graph(root, "graph", "two", "--output", name).returncode == 0
        assert (root / name).read_text().startswith(start)


def test_a_picture_that_it_cannot_draw_is_not_written(tmp_path: Path) -> None:
    done = graph(project(tmp_path), "graph", "two", "--output", "x.png")
    assert done.returncode == 2
    assert done.stderr.startswith("error[usage]: graph draws no .png files\n")
    assert "--format dot | dot -Tpng -o x.png" in done.stderr
    assert not (tmp_path / "x.png").exists()


def test_a_workflow_shows_its_states(tmp_path: Path) -> None:
    root = project(tmp_path)
    assert graph(root, "run", "--playbook", "two").returncode == 1
    done = graph(root, "graph", "--workflow", "current")
    workflow, first, second = done.stdout.splitlines()
    assert workflow.endswith(" two")
    assert (first, second) == ("├─ ✓ first  /bin/true", "└─ ✗ second  /bin/false")


def test_what_cannot_be_drawn_or_written_is_said(tmp_path: Path) -> None:
    root = project(tmp_path)
    cases = (
        ((), 2, "name one playbook or one workflow"),
        (("two", "--workflow", "current"), 2, "name one playbook or one workflow"),
        (("tow",), 3, "two"),
        (("two", "--output", "missing/x.svg"), 2, "cannot be written"),
        (("two", "--format", "png"), 2, "svg"),
    )
    for words, code, said in cases:
        done = graph(root, "graph", *words)
        assert (done.returncode, done.stdout) == (code, ""), words
        assert said in done.stderr
        assert "Traceback" not in done.stderr

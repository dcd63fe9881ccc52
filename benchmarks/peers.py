"""What a user might pick instead, doing the same work in the same run.

All come from PyPI, into a virtual environment of their own (`.venv-bench`), so that the project's
stays small. Each runs /bin/true once, 200 times in a row, and 200 times with 8 at once where it
offers that. Only DBOS is durable among them.
"""

import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from benchmarks import baselines
from benchmarks.project import Project, foreach

PACKAGES = ("go-task-bin", "pypyr", "doit", "luigi", "dbos", "py-spy")
MANY = 200
AT_ONCE = 8
RUNS = 5

DOIT = """
def task_step():
    for number in range({count}):
        yield {{"name": str(number), "actions": ["/bin/true"]{order}}}
"""
LUIGI = """
import subprocess
import luigi

class Step(luigi.Task):
    number = luigi.IntParameter()
    finished = False

    def requires(self):
        return Step(self.number - 1) if {sequential} and self.number else []

    def run(self):
        subprocess.run(["/bin/true"], check=True)
        self.finished = True
        open(f"done-{{self.number}}", "w").close()

    def complete(self):
        import os
        return os.path.exists(f"done-{{self.number}}")

luigi.build(
    [Step({count} - 1)] if {sequential} else [Step(n) for n in range({count})],
    workers={workers}, local_scheduler=True, log_level="CRITICAL",
)
"""
DBOS = """
import os, subprocess
from concurrent.futures import ThreadPoolExecutor
from dbos import DBOS

DBOS(config={{"name": "bench", "system_database_url": "sqlite:///" + os.path.abspath("dbos.sqlite"),
             "log_level": "ERROR", "run_admin_server": False}})

@DBOS.step()
def step(number):
    subprocess.run(["/bin/true"], check=True)

@DBOS.workflow()
def flow(count):
    for number in range(count):
        step(number)

DBOS.launch()
if {workers} == 1:
    flow({count})
else:
    with ThreadPoolExecutor({workers}) as pool:
        list(pool.map(flow, [{count} // {workers}] * {workers}))
DBOS.destroy()
"""


class Figures(NamedTuple):
    """Seconds of whole processes: one step, many in a row, many with some at once (None: it has
    no such limit).
    """

    name: str
    durable: bool
    one: float
    row: float
    at_once: float | None


class Bench:
    """Runs command lines in a folder and keeps the median of their times."""

    def __init__(self, folder: Path, binaries: Path, env: dict[str, str]) -> None:
        self.folder = folder
        self.binaries = binaries
        self.env = env
        folder.mkdir(parents=True, exist_ok=True)

    def write(self, name: str, text: str) -> str:
        """A file in the folder; returns its name."""
        (self.folder / name).write_text(text)
        return name

    def time(self, *argv: str, clean: tuple[str, ...] = ()) -> float:
        """The median of some runs; files that match `clean` are removed before each."""
        seconds: list[float] = []
        for _ in range(RUNS):
            for pattern in clean:
                for path in self.folder.glob(pattern):
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
            taken, code, _ = baselines.process(argv, self.folder, self.env)
            if code != 0:
                said = subprocess.run(
                    argv, cwd=self.folder, env=self.env, capture_output=True, text=True, check=False
                )
                raise SystemExit(f"{' '.join(argv)} ended with {code}\n{said.stdout}{said.stderr}")
            seconds.append(taken)
        return statistics.median(seconds)

    def program(self, name: str) -> str:
        """A program of the peers' environment."""
        return str(self.binaries / name)


def sh(bench: Bench) -> Figures:
    """The shell, and xargs."""
    one = bench.write("one.sh", "/bin/true\n")
    row = bench.write("row.sh", "/bin/true\n" * MANY)
    at_once = bench.write("at-once.sh", f"yes | head -{MANY} | xargs -P {AT_ONCE} -n 1 /bin/true\n")
    return Figures(
        "sh",
        durable=False,
        one=bench.time("/bin/sh", one),
        row=bench.time("/bin/sh", row),
        at_once=bench.time("/bin/sh", at_once),
    )


def go_task(bench: Bench) -> Figures:
    """https://taskfile.dev"""
    names = [f"t{number}" for number in range(MANY)]
    lines = ["version: '3'", "silent: true", "tasks:"]
    lines += [f"  {name}: {{cmds: [/bin/true]}}" for name in names]
    lines += [f"  row: {{cmds: [{', '.join(['/bin/true'] * MANY)}]}}"]
    lines += [f"  at-once: {{deps: [{', '.join(names)}]}}"]
    bench.write("Taskfile.yml", "\n".join(lines) + "\n")
    task = bench.program("task")
    return Figures(
        "go-task",
        durable=False,
        one=bench.time(task, "t0"),
        row=bench.time(task, "row"),
        at_once=bench.time(task, "-C", str(AT_ONCE), "at-once"),
    )


def pypyr(bench: Bench) -> Figures:
    """https://pypyr.io"""
    step = "  - {name: pypyr.steps.cmd, in: {cmd: /bin/true}}\n"
    bench.write("one.yaml", "steps:\n" + step)
    bench.write("row.yaml", "steps:\n" + step * MANY)
    program = bench.program("pypyr")
    return Figures(
        "pypyr",
        durable=False,
        one=bench.time(program, "one"),
        row=bench.time(program, "row"),
        at_once=None,
    )


def doit(bench: Bench) -> Figures:
    """https://pydoit.org"""
    program = bench.program("doit")
    one = bench.write("one.py", DOIT.format(count=1, order=""))
    before = ', "task_dep": [f"step:{number - 1}"] if number else []'
    row = bench.write("row.py", DOIT.format(count=MANY, order=before))
    at_once = bench.write("at_once.py", DOIT.format(count=MANY, order=""))
    clean = (".doit.db*",)
    workers = ("-n", str(AT_ONCE), "-P", "thread")
    return Figures(
        "doit",
        durable=False,
        one=bench.time(program, "-f", one, clean=clean),
        row=bench.time(program, "-f", row, clean=clean),
        at_once=bench.time(program, "-f", at_once, *workers, clean=clean),
    )


def luigi(bench: Bench) -> Figures:
    """https://github.com/spotify/luigi"""
    python = bench.program("python")
    return _script(bench, "luigi", python, LUIGI, durable=False, clean=("done-*",))


def dbos(bench: Bench) -> Figures:
    """https://github.com/dbos-inc/dbos-transact-py, on SQLite"""
    python = bench.program("python")
    return _script(bench, "dbos", python, DBOS, durable=True, clean=())


def _script(
    bench: Bench, name: str, python: str, text: str, *, durable: bool, clean: tuple[str, ...]
) -> Figures:
    def file(stem: str, count: int, workers: int) -> str:
        filled = text.format(count=count, workers=workers, sequential=workers == 1)
        return bench.write(f"{name}_{stem}.py", filled)

    return Figures(
        name,
        durable=durable,
        one=bench.time(python, file("one", 1, 1), clean=clean),
        row=bench.time(python, file("row", MANY, 1), clean=clean),
        at_once=bench.time(python, file("at_once", MANY, AT_ONCE), clean=clean),
    )


def ours(project: Project) -> Figures:
    """This project, measured the same way: plans cached, as for a second run."""
    project.write("row", "steps:\n" + "  - command: /bin/true\n" * MANY)
    project.write("at-once", foreach(MANY, AT_ONCE))
    for name in ("one", "row", "at-once"):
        project.run(name)

    def median(name: str) -> float:
        return statistics.median(project.run(name)[0] for _ in range(RUNS))

    one, row, at_once = (median(name) for name in ("one", "row", "at-once"))
    return Figures("orchestrate", durable=True, one=one, row=row, at_once=at_once)


PEERS: tuple[Callable[[Bench], Figures], ...] = (sh, go_task, pypyr, doit, luigi, dbos)


def environment(root: Path) -> Path:
    """The peers' programs, installed on first use. Returns the folder of their binaries."""
    folder = root / ".venv-bench"
    if not all((folder / "bin" / name).exists() for name in ("task", "py-spy")):
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, "--disable-pip-version-check", *PACKAGES], check=True)
    return folder / "bin"


def compare(project: Project, root: Path) -> list[Figures]:
    """All of them, one after another, in folders on the disk of the project."""
    binaries = environment(root)
    found = [ours(project)]
    for peer in PEERS:
        folder = project.folder.parent / f"peer-{peer.__name__}"
        found.append(peer(Bench(folder, binaries, project.env)))
    return found


def table(figures: list[Figures]) -> str:
    """The figures as text."""
    head = f"{'':14}{'durable':>8}{'one step':>12}{'200 in a row':>15}{'200, 8 at once':>17}"
    lines = [head]
    for row in figures:
        at_once = "-" if row.at_once is None else f"{row.at_once:.2f} s"
        durable = "yes" if row.durable else "no"
        lines.append(f"{row.name:14}{durable:>8}{row.one:>10.2f} s{row.row:>13.2f} s{at_once:>17}")
    return "\n".join(lines)

"""The rows of the table. Each measures what it is compared with in the same breath."""

import shutil
import statistics
from collections.abc import Callable
from typing import NamedTuple

from benchmarks import baselines, lateness
from benchmarks.project import Project, foreach
from benchmarks.store import fill_store

MEBIBYTE = 1024


class Row(NamedTuple):
    """One line: `value` in `unit`, which should be at most (or at least) `budget`."""

    name: str
    what: str
    value: float
    unit: str
    budget: float
    at_least: bool = False
    detail: str = ""

    @property
    def met(self) -> bool:
        """Whether the budget holds."""
        return self.value >= self.budget if self.at_least else self.value <= self.budget


def median(measure: Callable[[], float], times: int) -> float:
    """The median of some measurements."""
    return statistics.median(measure() for _ in range(times))


def alternate(
    one: Callable[[], float], other: Callable[[], float], times: int
) -> tuple[float, float]:
    """Medians of two things measured in turn, so that drift hits both."""
    pairs = [(one(), other()) for _ in range(times)]
    return statistics.median(p[0] for p in pairs), statistics.median(p[1] for p in pairs)


def cold_cached(project: Project) -> Row:
    """A whole process that runs one step, its plan cached."""
    project.run("one")
    ours, base = alternate(
        lambda: project.run("one")[0],
        lambda: baselines.imports(project.env, project.folder),
        15,
    )
    detail = f"{ours * 1e3:.0f} ms against {base * 1e3:.0f} ms of imports"
    return Row(
        "cold-cached", "cold run of one step, plan cached", ours / base, "x", 1.5, detail=detail
    )


def cold_first(project: Project) -> Row:
    """The same with nothing cached."""

    def first() -> float:
        shutil.rmtree(project.state / "cache", ignore_errors=True)
        return project.run("one")[0]

    ours, base = alternate(first, lambda: baselines.imports(project.env, project.folder), 15)
    detail = f"{ours * 1e3:.0f} ms against {base * 1e3:.0f} ms of imports"
    return Row(
        "cold-first", "cold run of one step, the first time", ours / base, "x", 3.0, detail=detail
    )


def sequential(project: Project) -> Row:
    """One durable step among many, one after another."""
    project.run("sequence")

    def step() -> float:
        return (project.run("sequence")[0] - project.run("one")[0]) / 200

    ours, base = alternate(step, lambda: baselines.spawn_and_sync(project.folder), 5)
    shell = baselines.shell_sequence(project.folder, project.env)
    detail = (
        f"{ours * 1e3:.2f} ms against {base * 1e3:.2f} ms (process + fdatasync); "
        f"sh, not durable: {shell * 1e3:.2f} ms"
    )
    return Row("sequential", "one durable sequential step", ours / base, "x", 2.0, detail=detail)


def parallel(project: Project) -> Row:
    """Eight at once."""
    project.write("parallel", foreach(400, 8))
    project.run("parallel")

    def step() -> float:
        return (project.run("parallel")[0] - project.run("one")[0]) / 399

    ours, base = alternate(step, baselines.bare_spawn, 5)
    detail = f"{1 / ours:.0f} steps/s against {1 / base:.0f} bare sequential processes/s"
    return Row("parallel", "8 steps at once", base / ours, "x", 1.0, at_least=True, detail=detail)


def inline(project: Project) -> Row:
    """Steps without a process."""
    project.run("inline")
    project.run("inline-one")
    cost = median(lambda: (project.run("inline")[0] - project.run("inline-one")[0]) / 1000, 5)
    return Row("inline", "one inline step, durable", cost * 1e3, "ms", 0.3)


def ten_thousand(project: Project) -> list[Row]:
    """Cost for each step must not grow with their number."""
    project.write("hundred", foreach(100))
    project.write("ten-thousand", foreach(10_000))
    project.run("hundred")
    one = median(lambda: project.run("one")[0], 5)
    small = median(lambda: (project.run("hundred")[0] - one) / 99, 5)
    seconds, peak = project.run("ten-thousand")
    large = (seconds - one) / 9_999
    detail = f"{large * 1e3:.2f} ms against {small * 1e3:.2f} ms of 100"
    return [
        Row("foreach", "a step of 10,000", large / small, "x", 1.2, detail=detail),
        Row("memory", "engine memory at 10,000 steps", peak / MEBIBYTE, "MiB", 120),
    ]


def resume(project: Project) -> Row:
    """All but one step done before."""
    flag = project.folder / "go"
    project.write(
        "almost",
        "steps:\n"
        "  - name: each\n    type: foreach\n    items: ${range(9999)}\n    as: number\n"
        "    steps:\n      - command: /bin/true\n"
        f"  - command: test -e {flag}\n",
    )
    project.run("almost", expect=1)
    flag.touch()
    seconds, _ = project.call("resume", "--workflow", "current", "--yes")
    return Row("resume", "resume with 9,999 of 10,000 done", seconds, "s", 1.0)


def status(project: Project) -> Row:
    """A store of 10,000 workflows and 1,000,000 events."""
    fill_store(project, workflows=10_000, events=1_000_000)
    seconds = median(lambda: project.call("status")[0], 5)
    return Row("status", "status among 10,000 workflows, 1,000,000 events", seconds, "s", 0.2)


def verify(project: Project) -> Row:
    """Every digest of 1,000,000 events."""
    fill_store(project, workflows=10_000, events=1_000_000)
    seconds, peak = project.call("audit", "verify")
    detail = f"{1e6 / seconds:,.0f} events/s, {peak / MEBIBYTE:.0f} MiB"
    return Row("verify", "audit verify of 1,000,000 events", seconds, "s", 60, detail=detail)


def output(project: Project) -> list[Row]:
    """A step that writes 1 GB."""
    project.write(
        "gigabyte", "steps:\n  - name: big\n    shell: yes 0123456789abcdef | head -c 1000000000\n"
    )
    seconds, peak = project.run("gigabyte")
    newest: str = project.read("status", "--history", "1")[0]["id"]
    tail = median(lambda: project.call("logs", newest, "--tail", "10")[0], 3)
    detail = f"taken in {seconds:.1f} s"
    return [
        Row(
            "output-memory",
            "memory while a step writes 1 GB",
            peak / MEBIBYTE,
            "MiB",
            120,
            detail=detail,
        ),
        Row("output-tail", "its last 10 lines shown", tail, "s", 0.3),
    ]


def schedules(project: Project) -> Row:
    """A thousand schedules that are due within one minute."""
    found = lateness.measure(project, 1000)
    detail = f"median {found.median * 1e3:.0f} ms; {found.started} of 1000 started"
    return Row(
        "lateness", "lateness of 1,000 schedules, p99", found.p99 * 1e3, "ms", 250, detail=detail
    )


def console(project: Project) -> list[Row]:
    """The console's first page in a browser that has nothing of it yet."""
    from benchmarks.console import measure

    found = measure(project)
    if found is None:
        print("console: left out; it needs Chromium and the built console")
        return []
    painted, read, requests, kilobytes = found
    detail = f"{requests} requests, {kilobytes:.0f} kB"
    return [
        Row("console-painted", "console, first paint", painted, "s", 1.0),
        Row("console", "console, its list read and shown", read, "s", 1.0, detail=detail),
    ]


def cluster(project: Project) -> list[Row]:
    """Steps on a Temporal cluster, and those of a bare workflow there."""
    from benchmarks.cluster import cluster

    rows: list[Row] = []
    with cluster(project.folder) as measured:
        request = measured.request()
        for name, count, at_once in (("sequential", 100, 1), ("parallel", 200, 8)):
            ours, bare = alternate(
                lambda n=count, m=at_once: n / measured.ours(n, m),
                lambda n=count, m=at_once: n / measured.bare(request, n, m),
                5,
            )
            detail = f"{ours:.0f} steps/s against {bare:.0f}"
            what = f"cluster, {at_once} at a time, of a bare workflow"
            rows.append(
                Row(f"cluster-{name}", what, ours / bare, "x", 0.8, at_least=True, detail=detail)
            )
    return rows


def claims(project: Project) -> Row:
    """Locks that workflows of a cluster take of the one workflow that keeps them, and those of bare
    workflows that ask one by signals and are told by signals.
    """
    from benchmarks.cluster import cluster

    with cluster(project.folder) as measured:
        measured.claims(1, 5, "warm")
        ours, bare = alternate(
            lambda: 8 * 20 / measured.claims(8, 20, "own-N"),
            lambda: 8 * 20 / measured.bare_claims(8, 20),
            3,
        )
        alone = measured.claims(1, 20, "alone") / 20
    detail = f"{ours:.0f} locks/s of 8 workflows against {bare:.0f}; one alone {alone * 1e3:.0f} ms"
    what = "cluster, locks, of a bare workflow"
    return Row("cluster-claims", what, ours / bare, "x", 0.8, at_least=True, detail=detail)


ROWS: dict[str, Callable[[Project], Row | list[Row]]] = {
    "cold-cached": cold_cached,
    "cold-first": cold_first,
    "sequential": sequential,
    "parallel": parallel,
    "inline": inline,
    "ten-thousand": ten_thousand,
    "resume": resume,
    "status": status,
    "verify": verify,
    "output": output,
    "lateness": schedules,
    "console": console,
    "cluster": cluster,
    "cluster-claims": claims,
}

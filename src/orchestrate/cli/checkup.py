"""What `orchestrate doctor` looks at. Each check yields findings; none changes anything."""

import os
import platform
import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from orchestrate.app import App
from orchestrate.errors import OrchestrateError
from orchestrate.project.model import Project

_LEAST_SPACE = 200 << 20
_LEAST_FILES = 256
_SHOWN = 10
"""Deliveries of each kind that are named."""
_EARLIEST = 1_700_000_000.0
"""A clock that shows less was never set."""
_LOGIND = (
    "/usr/lib/systemd/logind.conf.d",
    "/etc/systemd/logind.conf",
    "/etc/systemd/logind.conf.d",
    "/run/systemd/logind.conf.d",
)


class Finding(NamedTuple):
    """`level`: good, warn (worth a look) or bad (keeps workflows from running)."""

    level: str
    subject: str
    message: str
    hint: str = ""


def check_all(app: App) -> Iterator[Finding]:
    """Every finding, the machine first."""
    yield from check_versions()
    yield from check_clock()
    yield from check_limits()
    yield from check_sessions(_LOGIND)
    yield Finding("good", "project", str(app.project.root))
    yield from check_textfile(app.project)
    usable = True
    for finding in check_state_directory(app.project.state_dir):
        usable = usable and finding.level != "bad"
        yield finding
    if app.project.settings.cluster is not None:
        from orchestrate.cli.cluster_checkup import check_cluster

        yield from (Finding(*found) for found in check_cluster(app))
        yield from check_deliveries(app)
        return
    if not usable or not app.project.state_dir.is_dir():
        return
    yield from check_store(app.project)
    yield from check_supervisors(app.project.state_dir)
    yield from check_workflows(app)
    yield from check_deliveries(app)


def check_versions() -> Iterator[Finding]:
    """Python, SQLite and the kernel."""
    yield Finding("good", "python", platform.python_version())
    found = sqlite3.sqlite_version_info
    if found < (3, 35, 0):
        yield Finding(
            "bad", "sqlite", f"{sqlite3.sqlite_version} is too old", "3.35 or newer is needed."
        )
    else:
        yield Finding("good", "sqlite", sqlite3.sqlite_version)
    if not sys.platform.startswith("linux"):
        yield Finding(
            "warn",
            "system",
            f"on {platform.system()} processes that leave their session cannot be followed",
            "Production workflows are best run on Linux.",
        )


def check_clock() -> Iterator[Finding]:
    """Times in the journal come from the wall clock."""
    now = time.time()
    shown = time.strftime("%Y-%m-%d %H:%M:%S %Z", time.localtime(now))
    if now < _EARLIEST:
        yield Finding("bad", "clock", f"it shows {shown}", "Set the clock, best by NTP.")
    else:
        yield Finding("good", "clock", shown)


def check_limits() -> Iterator[Finding]:
    """Open files: one step needs a few."""
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 0 <= soft < _LEAST_FILES:
        yield Finding("warn", "open files", f"the limit is {soft}", "Raise it: `ulimit -n 1024`.")
    else:
        yield Finding("good", "open files", f"limit {soft}")


def check_sessions(places: tuple[str, ...]) -> Iterator[Finding]:
    """Systemd may end what a user started when the user logs out."""
    setting = "no"
    for file in (file for place in places for file in _configuration(Path(place))):
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
            key, _, value = line.partition("=")
            if key.strip() == "KillUserProcesses":
                setting = value.strip().lower()
    if setting in ("yes", "true", "on", "1"):
        yield Finding(
            "warn",
            "sessions",
            "systemd ends running steps when their user logs out (KillUserProcesses=yes)",
            "`loginctl enable-linger USER`, or run in a service with KillMode=process.",
        )
    else:
        yield Finding("good", "sessions", "steps outlive the login session")


def _configuration(place: Path) -> list[Path]:
    try:
        return sorted(place.glob("*.conf")) if place.is_dir() else [place] * place.is_file()
    except OSError:
        return []


def check_textfile(project: Project) -> Iterator[Finding]:
    """Whether `[metrics] textfile` can be written."""
    textfile = project.settings.monitoring.textfile
    if textfile is None:
        return
    path = project.root / textfile
    if os.access(path.parent, os.W_OK | os.X_OK) and not path.is_dir():
        yield Finding("good", "metrics", f"written to {path}")
    else:
        yield Finding(
            "warn",
            "metrics",
            f"{path} cannot be written",
            "Make its folder, or let this user write there; `[metrics] textfile` names it.",
        )


def check_state_directory(state: Path) -> Iterator[Finding]:
    """Whether a journal can be kept there."""
    from orchestrate.embedded.location import file_system_of, refuse_network_file_system

    if not state.exists():
        parent = next(folder for folder in state.parents if folder.exists())
        if not os.access(parent, os.W_OK | os.X_OK):
            hint = "Set ORCHESTRATE_STATE_DIR to a directory that can be made."
            yield Finding("bad", "state", f"{state} cannot be made", hint)
        else:
            yield Finding("good", "state", f"{state} will be made by the first run")
        return
    if not os.access(state, os.R_OK | os.W_OK | os.X_OK):
        yield Finding("bad", "state", f"{state} cannot be written", "Change its owner or mode.")
        return
    try:
        refuse_network_file_system(state)
    except OrchestrateError as error:
        yield Finding("bad", "state", error.message, error.hint)
        return
    kind = ""
    mounts = Path("/proc/self/mounts")
    if mounts.exists():
        kind = file_system_of(os.path.realpath(state), mounts.read_text(encoding="utf-8"))
    yield Finding("good", "state", f"{state}{f' on {kind}' if kind else ''}")
    yield from _check_space(state)


def _check_space(state: Path) -> Iterator[Finding]:
    import shutil

    free = shutil.disk_usage(state).free
    if free < _LEAST_SPACE:
        yield Finding(
            "warn",
            "space",
            f"{free >> 20} MB free",
            "Free some space; `orchestrate prune` removes old workflows.",
        )
    else:
        yield Finding("good", "space", f"{free >> 20} MB free")


def check_store(project: Project) -> Iterator[Finding]:
    """Whether the database is whole, its journals too, and who runs what."""
    from orchestrate.embedded import database, integrity

    if not (project.state_dir / database.FILE).exists():
        yield Finding("good", "store", "empty: nothing has run yet")
        return
    found = integrity.check(project.state_dir, project.settings.state_group)
    for finding in found:
        if finding.damage:
            yield Finding("bad", "store", finding.message, finding.hint)
        else:
            yield Finding("warn", "workflows", finding.message, finding.hint)
    if not any(finding.damage for finding in found):
        yield Finding("good", "store", f"whole, schema {database.VERSION}")


def check_supervisors(state: Path) -> Iterator[Finding]:
    """Which supervisors live, and what dead ones left behind."""
    from orchestrate.processes.client import Supervisor
    from orchestrate.processes.leftovers import find_leftovers

    alive, dead, left = 0, 0, list[str]()
    folder = state / "supervisors"
    for directory in sorted(folder.iterdir()) if folder.is_dir() else ():
        try:
            supervisor = Supervisor.attach(directory)
            found = find_leftovers(directory) if supervisor is None else ()
        except OrchestrateError as error:  # silent, of another version, or unreadable
            yield Finding("warn", "supervisors", error.message, error.hint)
            continue
        if supervisor is not None:
            supervisor.close()
            alive += 1
        else:
            dead += 1
            left += found
    yield Finding("good", "supervisors", f"{alive} alive, {dead} ended")
    if left:
        yield Finding(
            "warn",
            "orphans",
            f"processes of steps whose supervisor died: {', '.join(left)}",
            "`orchestrate resume` of their workflow stops them; or end them yourself.",
        )


def check_deliveries(app: App) -> Iterator[Finding]:
    """What integrations could not be told."""
    from orchestrate.cli.formats import moment
    from orchestrate.launching.deliveries import FAILED, WAITING

    try:
        with app.open_deliveries() as kept:
            counts = kept.counts()
            waiting = kept.find((WAITING,), _SHOWN)
            failed = kept.find(FAILED, _SHOWN)
    except OrchestrateError:
        return  # the finding of the store, or of the cluster, says why
    troubled = [one for one in waiting if one.attempts]
    for delivery in troubled:
        message = f"{delivery.key} waits, next attempt {moment(delivery.next_at)}: {delivery.error}"
        yield Finding("warn", "deliveries", message, "`orchestrate deliveries` shows all of them.")
    for delivery in failed:
        message = f"{delivery.key} was not delivered: {delivery.error}"
        hint = f"`orchestrate deliveries --retry {delivery.key}` tries it again, --drop forgets it."
        yield Finding("warn", "deliveries", message, hint)
    if counts and not (troubled or failed):
        total = ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))
        yield Finding("good", "deliveries", total.replace("_", " "))


def check_workflows(app: App) -> Iterator[Finding]:
    """Workflows that wait for somebody."""
    from orchestrate.cli.selection import open_workflows

    try:
        with app.open_engine() as engine:
            found = open_workflows(engine)
    except OrchestrateError:
        return  # the store's own finding says why
    waiting = [which.id for which in found if which.state == "needs_attention"]
    if waiting:
        yield Finding(
            "warn",
            "workflows",
            f"somebody must decide about: {', '.join(waiting[:10])}",
            "`orchestrate status --workflow ID` shows what.",
        )
    else:
        yield Finding("good", "workflows", f"{len(found)} open")

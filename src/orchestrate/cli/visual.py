"""`orchestrate create --interactive --visual`: the builder of the console, in a browser."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import NamedTuple
from urllib.parse import quote, urlencode

import click

import orchestrate
from orchestrate.app import App
from orchestrate.cli.console import err, out
from orchestrate.cli.token import served_at, sign_in_link
from orchestrate.errors import ExitCode, NotFoundError, OrchestrateError, UsageError
from orchestrate.library.catalogue import FOLDER, find_playbook

_HINT = "Without a browser: `orchestrate create --interactive`."
_PATIENCE = 60.0
"""Seconds for a server to begin, and to end."""
_LOOK = 0.5
_DISPLAYS = ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY")


class Beginning(NamedTuple):
    """What the command line said already."""

    name: str | None
    description: str | None
    template: str | None = None
    """What it is to be made from; the builder asks for its name first."""


def build(app: App, beginning: Beginning) -> int:
    """Show the builder, and serve it until Ctrl+C if nobody else does."""
    page = _page(app, beginning)
    address = served_at(app)
    if not address and app.is_served() and app.project.settings.cluster is None:
        raise UsageError(
            "the server that runs for this project takes no requests, so it shows no console",
            hint=f"Its log says why. {_HINT}",
        )
    if not app.project.settings.serve.api:
        raise UsageError(
            "--visual needs the console, and orchestrate.toml has `api = false` under [serve]",
            hint=f"Take that out. {_HINT}",
        )
    if address:
        _show(app, sign_in_link(app, page, address))
        return ExitCode.SUCCEEDED
    with _interrupted() as is_over, _server(app, is_over) as server:
        _show(app, sign_in_link(app, page, server.address))
        err.line("Serving this project, its schedules and triggers too, until Ctrl+C.")
        _watch(app, server, is_over)
        _leading_file(app).unlink(missing_ok=True)
        err.line("ending the server")
    return ExitCode.SUCCEEDED


def check_installed() -> None:
    """Whether there is a console to show."""
    if find_spec("fastapi") is None or find_spec("uvicorn") is None:
        raise UsageError(
            "--visual needs the console, which is not installed",
            hint=f"`pip install 'aither-orchestrate[web]'` brings it. {_HINT}",
        )
    static = Path(orchestrate.__file__).parent / "web" / "static"
    if not (static / "index.html").is_file():
        raise UsageError(
            "--visual needs the console, and this installation was made without it",
            hint=f"In a checkout with Node 20.19 or later, `make console` builds it. {_HINT}",
        )


def _page(app: App, beginning: Beginning) -> str:
    """The builder's page below `/console/`."""
    if beginning.name is not None:
        with suppress(NotFoundError):
            find_playbook(app.project, beginning.name)
            return f"playbooks/{quote(beginning.name, safe='')}/edit"
    given = {key: value for key, value in beginning._asdict().items() if value}
    return f"build?{urlencode(given, quote_via=quote)}" if given else "build"


def _show(app: App, link: str) -> None:
    out.line(link)
    err.line("This address signs a browser in as you: once, and within 5 minutes.")
    if sys.platform == "darwin" or any(os.environ.get(name) for name in _DISPLAYS):
        with suppress(OSError):
            _open(_leading_file(app), link)


def _leading_file(app: App) -> Path:
    return app.project.state_dir / "console.html"


def _open(file: Path, link: str) -> None:
    """Everybody on the machine sees what a browser is called with: it gets a file that leads it on,
    which only this user can read.
    """
    import html
    import webbrowser

    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(
            '<!doctype html><meta charset="utf-8"><title>orchestrate</title>'
            f'<meta http-equiv="refresh" content="0;url={html.escape(link)}">\n'
        )
    webbrowser.open(file.resolve().as_uri())


class _Server(NamedTuple):
    process: "subprocess.Popen[bytes]"
    address: str
    log: Path


@contextmanager
def _server(app: App, is_over: Callable[[], bool]) -> Generator[_Server]:
    """A server on loopback, which ends with this."""
    with tempfile.TemporaryDirectory(prefix="orchestrate-") as folder:
        log = Path(folder) / "log"
        words = [sys.executable, "-m", "orchestrate", "serve", "--listen", "127.0.0.1:0"]
        with log.open("wb") as stream:
            # In a session of its own, Ctrl+C does not reach it before what is written here is said.
            process = subprocess.Popen(
                [*words, "--log-format", "json"], cwd=app.project.root, stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=stream, start_new_session=True,
            )  # fmt: skip
        try:
            yield _Server(process, _address(process, log, is_over), log)
        finally:
            _end(process)


def _address(process: "subprocess.Popen[bytes]", log: Path, is_over: Callable[[], bool]) -> str:
    """Where it listens, once it serves."""
    over = time.monotonic() + _PATIENCE
    address = ""
    while time.monotonic() < over and process.poll() is None:
        for entry in _entries(log):
            if entry.get("what") == "listening":
                address = str(entry.get("address", ""))
            elif entry.get("what") == "serving" and address:
                return address
            elif entry.get("what") in ("not listening", "API not offered", "standing by"):
                raise _unserved(str(entry.get("reason", "")))
        if is_over():
            raise click.exceptions.Exit(ExitCode.INTERRUPTED)
        time.sleep(0.05)
    raise _unserved(_last_words(log))


def _entries(log: Path) -> Iterator[dict[str, object]]:
    text = log.read_text(errors="replace")
    for line in text[: text.rfind("\n") + 1].splitlines():
        with suppress(ValueError):
            entry = json.loads(line)
            if isinstance(entry, dict):
                yield entry  # pyright: ignore[reportUnknownVariableType]


def _last_words(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"


def _unserved(why: str) -> OrchestrateError:
    return OrchestrateError(
        f"the server for the console did not begin: {why}",
        hint=f"`orchestrate serve` says more. {_HINT}",
    )


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End it as SIGTERM does; what it started goes on where it can."""
    process.terminate()
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def _interrupted() -> Generator[Callable[[], bool]]:
    """Whether whoever sits there, or the system, wants it to end."""
    heard: list[int] = []

    def hear(number: int, _frame: FrameType | None) -> None:
        heard.append(number)

    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, hear) for number in signals}
    try:
        yield lambda: bool(heard)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _watch(app: App, server: _Server, is_over: Callable[[], bool]) -> None:
    """Tell what is saved, until it is over."""
    known = _files(app)
    while not is_over():
        if server.process.poll() is not None:
            raise OrchestrateError(
                f"the server for the console ended: {_last_words(server.log)}",
                hint="What was not saved is still in the browser: start it anew.",
            )
        time.sleep(_LOOK)
        now = _files(app)
        for name in sorted(name for name in now if now[name] != known.get(name)):
            err.line(f"saved {FOLDER}/{name}; `orchestrate validate` checks it")
        known = now


def _files(app: App) -> dict[str, tuple[int, int]]:
    """The playbooks' files, each with what tells another text from the same one."""
    folder = app.project.root / FOLDER
    found: dict[str, tuple[int, int]] = {}
    for file in folder.rglob("*.yaml"):
        with suppress(OSError):
            stat = file.stat()
            found[str(file.relative_to(folder))] = (stat.st_mtime_ns, stat.st_size)
    return found

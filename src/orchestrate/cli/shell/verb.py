"""`orchestrate shell`: reads lines and has them done, each by a process of its own."""

import json
import signal
import subprocess
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orchestrate.app import App, open_app
from orchestrate.cli.completing.names import environments_of
from orchestrate.cli.console import err, out
from orchestrate.cli.shell.reading import OWN, understand
from orchestrate.errors import NotFoundError, OrchestrateError

if TYPE_CHECKING:
    from orchestrate.commands.registry import Registry

_WITH_ENVIRONMENT = ("run", "validate", "graph")
"""Verbs that take the environment which `use` has set, unless they are given one."""


@click.command()
@click.option("--environment", metavar="NAME", help="The environment to begin with, as by `use`.")
def shell(*, environment: str | None) -> int:
    """Open a prompt with completion and history: verbs, and commands such as `/infra deploy`.

    Without a terminal, lines are read from standard input; the first that fails ends it.
    """
    session = Session(open_app())
    if environment is not None:
        session.use(environment)
    if sys.stdin.isatty() and out.is_terminal():
        from orchestrate.cli.shell.prompt import converse

        converse(session)
        return 0
    for line in sys.stdin:
        code = session.do(line)
        if code:
            return code
        if session.is_over:
            break
    return 0


class Session:
    """The project, the chosen environment, and whether it goes on."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.environment: str | None = None
        self.is_over = False

    def do(self, line: str) -> int:
        """Do what a line says; gives the exit code, after what is wrong was told."""
        try:
            return self._do(line)
        except OrchestrateError as error:
            from orchestrate.cli.errors import report

            return report(error, debug=False)

    def _do(self, line: str) -> int:
        meant = understand(line, self.commands())
        match meant.kind:
            case "own":
                self._obey(meant.words)
                return 0
            case "verb":
                return _wait(self._verb(meant.words), None, None)
            case "command":
                return self._command(meant.words)
            case _:
                return 0

    def _obey(self, words: Sequence[str]) -> None:
        match words[0]:
            case "exit":
                self.is_over = True
            case "use":
                self.use(words[1] if len(words) > 1 else None)
            case _:
                self._help()

    def use(self, environment: str | None) -> None:
        """Choose an environment for what comes. Raises NotFoundError."""
        known = environments_of(self.app)
        if environment is not None and environment not in known:
            from orchestrate.playbook.spelling import nearest

            near = nearest(environment, known)
            raise NotFoundError(
                f"there is no environment {environment}",
                hint=f"Did you mean `{near}`?" if near else f"There are: {', '.join(known)}.",
            )
        self.environment = environment

    def _help(self) -> None:
        for what in OWN.values():
            out.line(f"  {what}")
        out.line("  a verb: " + ", ".join(_visible_verbs()))
        named = ", ".join(f"/{name}" for name in self.commands())
        out.line(f"  a command, done at once and not recorded: {named}")

    def _verb(self, words: Sequence[str]) -> list[str]:
        verb = "run" if words[0].startswith("--p") else words[0]
        chosen: list[str] = []
        given = any(word.partition("=")[0] == "--environment" for word in words)
        if self.environment is not None and verb in _WITH_ENVIRONMENT and not given:
            chosen = ["--environment", self.environment]
        return [sys.executable, "-m", "orchestrate", *words, *chosen]

    def _command(self, words: Sequence[str]) -> int:
        import tempfile

        resolved = self._registry().resolve(words)
        with tempfile.TemporaryDirectory(prefix="orchestrate-") as folder:
            output = Path(folder) / "output"
            output.touch()
            environment = {
                **self.app.env,
                **resolved.env,
                "ORCHESTRATE_OUTPUT": str(output),
                "ORCHESTRATE_PROGRESS": str(output.with_name("progress")),
            }
            code = _wait(list(resolved.argv), str(self.app.project.root), environment)
            _show_output(output)
        return code

    def _registry(self) -> "Registry":
        return self.app.registry(self.environment or "dev")

    def commands(self) -> tuple[str, ...]:
        """The names of slash commands, without the slash."""
        return self._registry().names()


def _show_output(file: Path) -> None:
    """What the command would have handed over to a step."""
    from orchestrate.cli.formats import visible
    from orchestrate.commands.contract import read_output

    given = read_output(file.read_text("utf-8", "replace") if file.is_file() else None, None)
    for name, value in given.items() if isinstance(given, dict) else ():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        err.line(f"  output {visible(name)} = {visible(text)}")


def _visible_verbs() -> Iterator[str]:
    from orchestrate.cli.verbs import VERBS

    return (name for name, verb in VERBS.items() if not verb.hidden)


def _wait(argv: list[str], folder: str | None, environment: dict[str, str] | None) -> int:
    """Run a program on this terminal to its end; Ctrl-C is for it alone."""
    # The lines that are still to come are not for the program.
    given = None if sys.stdin.isatty() else subprocess.DEVNULL
    with _deaf():
        try:
            done = subprocess.run(argv, cwd=folder, env=environment, stdin=given, check=False)
        except OSError as error:
            err.line(f"{argv[0]} cannot be started: {error.strerror}")
            return 127
    return done.returncode if done.returncode >= 0 else 128 - done.returncode


def _heard(_number: int, _frame: object) -> None:
    """Nothing to do here: the program on the terminal has got the signal too."""


@contextmanager
def _deaf() -> Generator[None]:
    before = signal.signal(signal.SIGINT, _heard)  # not SIG_IGN, which the program would inherit
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)

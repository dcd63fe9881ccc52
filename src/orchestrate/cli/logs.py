"""`orchestrate logs`: what the steps of a workflow wrote."""

from collections.abc import Iterator

import click

from orchestrate.app import open_app
from orchestrate.cli.console import Stream, err, out
from orchestrate.cli.formats import dump
from orchestrate.cli.options import json_option, workflow_named
from orchestrate.cli.selection import select_any
from orchestrate.cli.style import Style, style_of
from orchestrate.errors import NotFoundError
from orchestrate.workflow.engine import Engine, LogPiece
from orchestrate.workflow.log_lines import lines_of


@click.command()
@workflow_named()
@click.option("--step", metavar="PATH", help="Only what this step wrote, or those inside it.")
@click.option("--tail", type=click.IntRange(0), metavar="N", help="Only the last lines.")
@click.option("--follow", is_flag=True, help="Go on until the workflow, or the step, ends.")
@json_option
def logs(
    *,
    workflow: str,
    step: str | None,
    tail: int | None,
    follow: bool,
    as_json: bool,
) -> int:
    """Show output: what came on stdout goes to stdout, what came on stderr to stderr.

    Lines of several steps are headed by the step's path. --json prints one object for each line.
    """
    with open_app().open_workflows() as engine:
        found = select_any(engine, workflow)
        path = None if step is None else step_path(engine, found, step)
        pieces = _pieces(engine, found, path, tail=tail, follow=follow)
        if as_json:
            for line in lines_of(pieces):
                if not out.alive:
                    break
                out.line(dump(line))
        else:
            _Writer(headed=path is None).write(pieces)
    return 0


def _pieces(
    engine: Engine, workflow: str, path: str | None, *, tail: int | None, follow: bool
) -> Iterator[LogPiece]:
    if follow and tail is None:
        return engine.follow_output(workflow, path)
    if follow:
        return _tail_and_follow(engine, workflow, path, tail)
    return engine.output(workflow, path, tail=tail)


def _tail_and_follow(
    engine: Engine, workflow: str, path: str | None, tail: int | None
) -> Iterator[LogPiece]:
    """The last lines of what is there, then what comes."""
    skip: dict[tuple[str, int], int] = {}
    for piece in engine.output(workflow, path):
        key = (piece.path, piece.attempt)
        skip[key] = skip.get(key, 0) + len(piece.data)
    yield from engine.output(workflow, path, tail=tail)
    for piece in engine.follow_output(workflow, path):
        key = (piece.path, piece.attempt)
        known = min(skip.get(key, 0), len(piece.data))
        if known:
            skip[key] -= known
        if len(piece.data) > known:
            yield piece._replace(data=piece.data[known:])


def step_path(engine: Engine, workflow: str, wanted: str) -> str:
    """The path of a step: as given, or the only path that ends with that name."""
    from orchestrate.playbook.diagnostics import nearest
    from orchestrate.workflow.standing import view_of

    paths = list(view_of(engine, workflow).steps)
    if wanted in paths or any(path.startswith((f"{wanted}/", f"{wanted}[")) for path in paths):
        return wanted
    ending = [path for path in paths if path.endswith(f"/{wanted}")]
    if len(ending) == 1:
        return ending[0]
    if ending:
        shown = "\n".join(f"  {path}" for path in ending[:20])
        raise NotFoundError(f"several steps are called {wanted}", hint=f"Name one:\n{shown}")
    near = nearest(wanted, paths)
    hint = f"Did you mean {near}?" if near else f"`orchestrate status {workflow}` shows its steps."
    raise NotFoundError(f"{workflow} has not run a step {wanted}", hint=hint)


class _Writer:
    """Writes pieces to the stream that they came from, headed when the step changes."""

    def __init__(self, *, headed: bool) -> None:
        self._headed = headed
        self._style: Style = style_of(out)
        self._last: tuple[str, int] | None = None
        self._unfinished: Stream | None = None
        """Where a line was begun and not ended."""

    def write(self, pieces: Iterator[LogPiece]) -> None:
        """Write until nothing comes or nobody reads."""
        for piece in pieces:
            stream = err if piece.stream == "stderr" else out
            if not out.alive:
                return
            self._head(piece)
            if piece.stream == "note":
                err.line(piece.data.decode("utf-8", "replace").rstrip("\n"))
            else:
                stream.write_bytes(piece.data)
                self._unfinished = None if piece.data.endswith(b"\n") else stream

    def _head(self, piece: LogPiece) -> None:
        here = (piece.path, piece.attempt)
        if not self._headed or here == self._last:
            return
        if self._unfinished is not None:
            self._unfinished.line()
            self._unfinished = None
        again = f" (attempt {piece.attempt})" if piece.attempt > 1 else ""
        out.line(self._style.strong(f"==> {piece.path}{again} <=="))
        self._last = here

"""`library --import` and `--copy`: playbooks into the project."""

import sys
from collections.abc import Sequence
from pathlib import Path

from orchestrate.app import App
from orchestrate.cli.console import err, out
from orchestrate.cli.formats import dump, visible
from orchestrate.cli.starting import can_ask
from orchestrate.errors import ConflictError, NotFoundError, UsageError
from orchestrate.library.archives import LARGEST_ARCHIVE
from orchestrate.library.importing import WORDS, Import, carry_out, plan_import, plan_shipped
from orchestrate.library.plans import FALLBACK_ENVIRONMENT

_FROM_STDIN = "-"


def import_file(app: App, name: str, *, force: bool, as_json: bool) -> int:
    """Take a playbook or a bundle in."""
    data = _read(name)
    wanted = plan_import(app.project, "playbook.yaml" if name == _FROM_STDIN else name, data)
    return _take(app, wanted, force=force, as_json=as_json)


def copy_shipped(app: App, name: str, *, force: bool, as_json: bool) -> int:
    """Take a shipped playbook with its scenario files into the project, to be changed there."""
    return _take(app, plan_shipped(app.project, name), force=force, as_json=as_json)


def _take(app: App, wanted: Import, *, force: bool, as_json: bool) -> int:
    """Ask about what differs, write it, and say what became of each file."""
    if wanted.conflicts and not force:
        _agree(wanted.conflicts)
    carry_out(app.project, wanted)
    warnings = wanted.warnings(app.registry(FALLBACK_ENVIRONMENT))
    for warning in warnings:
        err.line(warning)
    if as_json:
        out.line(dump(wanted.to_json(warnings)))
        return 0
    for change in wanted.changes:
        out.line(f"{WORDS[change.state]} {change.path}")
    out.line(f"try it: orchestrate run --playbook {wanted.plan.name}")
    return 0


def _agree(conflicts: Sequence[str]) -> None:
    """Go on only if a person says that these files may be replaced."""
    listed = "\n".join(f"  {visible(path)}" for path in conflicts)
    count = "this file is" if len(conflicts) == 1 else f"these {len(conflicts)} files are"
    if not can_ask():
        raise ConflictError(
            f"{count} in the project already, and differ{'s' * (len(conflicts) == 1)}: "
            f"{', '.join(conflicts)}",
            hint="Nothing was imported. `--force` replaces what is there.",
        )
    import click

    err.line(f"{count} in the project already:\n{listed}")
    if not click.confirm("Replace?", err=True):
        raise ConflictError("not confirmed, nothing was imported", hint="Say yes, or `--force`.")


def _read(name: str) -> bytes:
    """The bytes of a file, or of stdin; no more than any bundle has."""
    if name == _FROM_STDIN:
        data = sys.stdin.buffer.read(LARGEST_ARCHIVE + 1)
    else:
        path = Path(name).expanduser()
        if path.is_dir():
            raise UsageError(
                f"{name} is a folder", hint="Import one playbook, or a bundle made with --bundle."
            )
        if not path.exists():
            raise NotFoundError(
                f"there is no file {name}", hint="Paths are seen from the working directory."
            )
        if not path.is_file():
            raise UsageError(f"{name} is no regular file", hint="Import a playbook or a bundle.")
        with path.open("rb") as stream:
            data = stream.read(LARGEST_ARCHIVE + 1)
    if len(data) > LARGEST_ARCHIVE:
        raise UsageError(
            f"{name} has more than {LARGEST_ARCHIVE >> 20} MiB",
            hint="Playbooks and bundles are smaller; is it the right file?",
        )
    return data

"""`validate --fix`: repairs playbooks and says what is still wrong with them."""

import gc
from collections.abc import Iterable, Sequence

from orchestrate.app import App
from orchestrate.library.checking import Changes, Report, check
from orchestrate.library.fixing import Fixed, fix, write


def fix_and_check(
    app: App,
    playbooks: Iterable[str],
    environment: str | None,
    *,
    elsewhere: bool,
    dry_run: bool,
) -> Sequence[Report]:
    """Repair playbooks, by name or path, and check them after that; with `dry_run` no file is
    written. `elsewhere` is that of `check`. Nothing is written unless all could be repaired.
    """
    # Every look at a playbook leaves garbage behind, and here there are many.
    gc.enable()
    fixed = [fix(app.project, environment, playbook) for playbook in playbooks]
    for each in fixed:
        if not dry_run and each.after != each.before:
            write(each)
    return [
        check(
            app.project,
            app.registry_in,
            str(each.file),
            environment,
            elsewhere=elsewhere,
            text=each.after,
        )._replace(changes=_changes(each, written=not dry_run))
        for each in fixed
    ]


def _changes(fixed: Fixed, *, written: bool) -> Changes:
    return Changes(fixed.repairs, _difference(fixed), written)


def _difference(fixed: Fixed) -> tuple[str, ...]:
    """The lines of a unified difference that `patch` takes, each with its end."""
    import difflib

    before, after = (_lines(text) for text in (fixed.before, fixed.after))
    name = fixed.shown
    lines = difflib.unified_diff(before, after, f"a/{name}", f"b/{name}")
    return tuple(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def _lines(text: bytes) -> list[str]:
    parts = text.decode("utf-8", "replace").split("\n")
    return [*(f"{part}\n" for part in parts[:-1]), *([parts[-1]] if parts[-1] else [])]

"""`validate --fix`: repairs playbooks and says what is still wrong with them."""

import gc
from collections.abc import Iterable, Sequence

from orchestrate.library.checking import Changes, RegistryFor, Report, check
from orchestrate.library.difference import unified_difference
from orchestrate.library.fixing import Fixed, fix, write
from orchestrate.project.model import Project


def fix_and_check(
    project: Project,
    registry_for: RegistryFor,
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
    fixed = [fix(project, environment, playbook) for playbook in playbooks]
    for each in fixed:
        if not dry_run and each.after != each.before:
            write(each)
    return [
        check(
            project,
            registry_for,
            str(each.file),
            environment,
            elsewhere=elsewhere,
            text=each.after,
        )._replace(changes=_changes(each, written=not dry_run))
        for each in fixed
    ]


def _changes(fixed: Fixed, *, written: bool) -> Changes:
    before, after = (text.decode("utf-8", "replace") for text in (fixed.before, fixed.after))
    difference = tuple(unified_difference(before, after, fixed.shown))
    return Changes(fixed.repairs, difference, written)

"""`/backup create|restore|list|verify|prune`: archives of the paths that orchestrate.toml names."""

import argparse
import os
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from orchestrate.commands.builtin.archive import ArchiveError, write_archive
from orchestrate.commands.builtin.backup_place import (
    LATEST,
    Backup,
    Place,
    check_name,
    verify,
    write_manifest,
)
from orchestrate.commands.builtin.backup_restore import recover, restore_set
from orchestrate.commands.builtin.backup_upkeep import (
    list_backups,
    prune_backups,
    size_in_words,
    verify_backups,
)
from orchestrate.commands.builtin.context import (
    Context,
    duration,
    load_context,
    pick,
    run,
    say,
    write_output,
    write_progress,
)
from orchestrate.commands.builtin.durable_files import locked
from orchestrate.errors import ConflictError, NotFoundError, UsageError

SETS_TABLE = '[backup.sets.NAME] with paths = ["…"]'


def main(argv: Sequence[str]) -> int:
    """Run `/backup`; 0 if it did what it was asked."""
    arguments = _parser().parse_args(argv)
    context = load_context("backup")
    match arguments.verb:
        case "create":
            _create(context, arguments)
        case "restore":
            _restore(context, arguments)
        case "list":
            list_backups(_place(context, arguments.target))
        case "verify":
            verify_backups(_place(context, arguments.target), arguments.name)
        case _:
            prune_backups(
                _place(context, arguments.target),
                keep=arguments.keep,
                older_than=arguments.older_than,
            )
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="/backup",
        allow_abbrev=False,
        description="Back up and restore the paths that orchestrate.toml names.",
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    kept = "where backups are kept: a directory, or a NAME of [backup.targets.NAME]"

    create = verbs.add_parser("create", help="make a backup", allow_abbrev=False)
    create.add_argument("--name", help="its name; by default made from the time")
    create.add_argument("--set", action="append", default=[], help="only this set; repeatable")
    create.add_argument("--target", help=kept)

    restore = verbs.add_parser("restore", help="put a backup's files back", allow_abbrev=False)
    restore.add_argument("--name", default=LATEST, help="which one; by default the latest")
    restore.add_argument("--set", action="append", default=[], help="only this set; repeatable")
    restore.add_argument(
        "--target", help="put the files there (a directory, or a NAME of [backup.targets.NAME])"
    )
    restore.add_argument("--from", dest="source", help=kept)

    listing = verbs.add_parser("list", help="show the backups", allow_abbrev=False)
    listing.add_argument("--target", help=kept)

    check = verbs.add_parser("verify", help="check the archives' checksums", allow_abbrev=False)
    check.add_argument("--name", help="only this one (or latest)")
    check.add_argument("--target", help=kept)

    prune = verbs.add_parser("prune", help="remove old backups", allow_abbrev=False)
    prune.add_argument("--keep", type=int, help="keep this many of the newest")
    prune.add_argument("--older-than", type=duration, help="remove only what is older (30d)")
    prune.add_argument("--target", help=kept)
    return parser


def _place(context: Context, target: str | None) -> Place:
    if target is not None:
        return Place(_target(context, target))
    configured = context.settings.backup_directory
    if configured is not None:
        return Place(context.path(configured))
    return Place(context.project.state_dir / "backups")


def _target(context: Context, target: str) -> Path:
    """A named target, else a directory: what has a slash or exists is a directory."""
    targets = context.settings.backup_targets
    if target in targets:
        return context.path(str(targets[target]["directory"]))
    if "/" in target or target in (".", "..") or context.path(target).is_dir():
        return context.path(target)
    pick("backup target", target, targets, "[backup.targets.NAME] with directory = …")
    raise AssertionError


def _create(context: Context, arguments: argparse.Namespace) -> None:
    sets = _sets(context, arguments.set)
    place = _place(context, arguments.target)
    now = datetime.now(UTC)
    name = arguments.name
    if name is None:
        name = now.strftime("backup-%Y%m%dT%H%M%S-%fZ")
    check_name(name)
    key = os.environ.get("ORCHESTRATE_IDEMPOTENCY_KEY", "")
    with _alone(context), place.lock():
        place.sweep()
        recover(_swap_record(context))
        existing = _existing(place, name)
        if existing is not None:
            if not key or existing.idempotency_key != key:
                raise ConflictError(
                    f"there is a backup `{name}` already, made {existing.created_at}",
                    hint="Give another --name; ${timestamp} makes one unique for each workflow.",
                )
            say(f"backup `{name}` was made by an earlier attempt of this step")
            _tell(existing)
            return
        with place.building(name) as staging:
            backup = Backup(
                name=name,
                created_at=now.isoformat(timespec="microseconds").replace("+00:00", "Z"),
                environment=context.environment,
                idempotency_key=key,
                workflow=os.environ.get("ORCHESTRATE_WORKFLOW", ""),
                sets=_archive_sets(context, sets, staging),
                directory=place.directory / name,
            )
            write_manifest(staging, backup)
    size = size_in_words(backup.size)
    say(f"backup `{name}`: {backup.files} files, {size}, in {backup.directory}")
    _tell(backup)


def _existing(place: Place, name: str) -> Backup | None:
    try:
        return place.get(name)
    except NotFoundError:
        return None


def _sets(context: Context, names: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    sets = context.settings.backup_sets
    if not sets:
        raise UsageError(
            "no set of paths is configured, so there is nothing to back up",
            hint=f"Add one to orchestrate.toml: {SETS_TABLE}.",
        )
    chosen = names or sorted(sets)
    return {name: pick("backup set", name, sets, SETS_TABLE) for name in chosen}


def _archive_sets(
    context: Context, sets: Mapping[str, Mapping[str, Any]], staging: Path
) -> dict[str, dict[str, Any]]:
    archived: dict[str, dict[str, Any]] = {}
    for index, (name, definition) in enumerate(sets.items()):
        roots = _roots(context, name, definition)
        archive = staging / f"{index}-{name.replace('/', '_')}.tar.gz"
        written = write_archive(
            archive,
            [(member, context.path(path)) for member, path in roots.items()],
            definition.get("exclude", ()),
        )
        archived[name] = {"archive": archive.name, **written._asdict(), "roots": roots}
        write_progress(100 * (index + 1) / len(sets))
    return archived


def _roots(context: Context, name: str, definition: Mapping[str, Any]) -> dict[str, str]:
    """The set's paths that exist, by their member name in the archive."""
    _require_apart(context, name, definition["paths"])
    roots: dict[str, str] = {}
    for index, path in enumerate(definition["paths"]):
        there = context.path(path)
        if there.is_symlink():
            raise ArchiveError(
                f"{there} of the backup set `{name}` is a link",
                hint="Name the directory or file that it leads to.",
            )
        if there.exists():
            roots[f"{index}-{there.name}"] = path
        elif not definition.get("optional"):
            raise NotFoundError(
                f"{there} of the backup set `{name}` does not exist",
                hint="Correct its paths, or mark the set optional = true.",
            )
    return roots


def _require_apart(context: Context, name: str, paths: Sequence[str]) -> None:
    """Refuse paths inside each other: their swaps at a restore would undo one another."""
    for inner in paths:
        for outer in paths:
            if inner is outer:
                continue
            if context.path(inner).resolve().is_relative_to(context.path(outer).resolve()):
                raise UsageError(
                    f"in the backup set `{name}`, {inner} lies in {outer}",
                    hint=f"Remove {inner} from its paths; it is saved with {outer}.",
                )


def _restore(context: Context, arguments: argparse.Namespace) -> None:
    place = _place(context, arguments.source)
    first_set = arguments.set[0] if arguments.set else None
    record = _swap_record(context)
    with _alone(context), place.lock():
        recover(record)
        backup = place.get(arguments.name, first_set)
        sets = {
            name: pick(f"set in backup `{backup.name}`:", name, backup.sets, SETS_TABLE)
            for name in arguments.set or backup.sets
        }
        verify(backup, sets)
        target = None if arguments.target is None else _target(context, arguments.target)
        for number, (name, part) in enumerate(sets.items(), start=1):
            destinations = {
                member: _destination(context, path, target)
                for member, path in part["roots"].items()
            }
            if destinations:
                restore_set(backup.directory / part["archive"], destinations, record)
            write_progress(100 * number / len(sets))
            say(f"restored set `{name}`: {part['files']} files")
    where = str(target) if target else "the places they came from"
    say(f"restored backup `{backup.name}` of {backup.created_at} to {where}")
    _tell(backup)


def _destination(context: Context, path: str, target: Path | None) -> Path:
    if target is None:
        return context.path(path)
    own = context.path(path)
    root = context.project.root
    below = own.relative_to(root) if own.is_relative_to(root) else own.relative_to("/")
    if ".." in below.parts:
        raise UsageError(
            f"the path {path} leads outside of the project, so it has no place below {target}",
            hint="Restore this set without --target.",
        )
    return target / below


def _alone(context: Context) -> AbstractContextManager[None]:
    """The lock of this project's files, which a restore replaces and a backup reads."""
    return locked(context.project.state_dir / "backup.lock")


def _swap_record(context: Context) -> Path:
    return context.project.state_dir / "backup-restore.json"


def _tell(backup: Backup) -> None:
    write_output(
        {
            "name": backup.name,
            "directory": str(backup.directory),
            "created_at": backup.created_at,
            "sets": sorted(backup.sets),
            "files": backup.files,
            "size": backup.size,
        }
    )


if __name__ == "__main__":
    run(main)

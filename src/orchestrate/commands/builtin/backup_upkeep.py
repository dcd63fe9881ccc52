"""`/backup list`, `verify` and `prune`: what is kept, whether it is whole, and what may go."""

import time
from datetime import datetime

from orchestrate.commands.builtin.archive import ArchiveError
from orchestrate.commands.builtin.backup_place import Place, verify
from orchestrate.commands.builtin.context import say, write_output
from orchestrate.errors import UsageError


def list_backups(place: Place) -> None:
    """`/backup list`: newest first."""
    backups = place.backups()
    for backup in backups:
        sets = ", ".join(sorted(backup.sets))
        say(f"{backup.name}  {backup.created_at}  {size_in_words(backup.size)}  {sets}")
    if not backups:
        say(f"no backups in {place.directory}")
    write_output(
        {
            "count": len(backups),
            "backups": [backup.name for backup in backups],
            "latest": backups[0].name if backups else None,
        }
    )


def verify_backups(place: Place, name: str | None) -> None:
    """`/backup verify`: one backup, or all. Raises ArchiveError if one is damaged."""
    backups = place.backups() if name is None else [place.get(name)]
    damaged: list[str] = []
    for backup in backups:
        try:
            verify(backup, backup.sets)
            say(f"ok       {backup.name}")
        except ArchiveError as error:
            damaged.append(backup.name)
            say(f"DAMAGED  {backup.name}: {error.message}")
    write_output({"verified": len(backups), "damaged": damaged})
    if damaged:
        raise ArchiveError(f"{len(damaged)} of {len(backups)} backups are damaged")
    if not backups:
        say(f"no backups in {place.directory}")


def prune_backups(place: Place, *, keep: int | None, older_than: float | None) -> None:
    """`/backup prune`: remove what is neither among the newest `keep` nor younger (seconds)."""
    if keep is None and older_than is None:
        raise UsageError(
            "say what may be removed", hint="Give --keep NUMBER, --older-than 30d, or both."
        )
    if keep is not None and keep < 0:
        raise UsageError(f"--keep must not be negative: {keep}")
    if not place.directory.is_dir():
        say(f"no backups in {place.directory}")
        write_output({"removed": [], "kept": 0})
        return
    with place.lock():
        place.sweep()
        backups = place.backups()
        limit = time.time() - (older_than or 0)
        old = [
            backup
            for backup in backups[keep or 0 :]
            if datetime.fromisoformat(backup.created_at).timestamp() <= limit
        ]
        for backup in old:
            place.remove(backup)
            say(f"removed {backup.name}")
    say(f"removed {len(old)} of {len(backups)} backups")
    write_output({"removed": [backup.name for backup in old], "kept": len(backups) - len(old)})


def size_in_words(size: int) -> str:
    """Bytes for people: `1.5 MiB`."""
    amount = float(size)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if amount < 1024:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} TiB"

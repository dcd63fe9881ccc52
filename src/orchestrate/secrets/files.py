"""Secrets in files: mounted by a container's host, or written by another program."""

import os
import stat
from pathlib import Path

from orchestrate.playbook.plan import Secret
from orchestrate.secrets.model import LONGEST, Fetched, SourceError, check_value


class Files:
    """Reads each file when it is asked for."""

    def __init__(self, root: Path, home: str) -> None:
        self._root = root
        self._home = home

    def fetch(self, secret: Secret) -> Fetched:
        """The content, without the newline at its end unless `strip` is false."""
        path = self._path(secret.options["path"])
        try:
            # Without O_NONBLOCK a named pipe would be waited for, for ever.
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise _refused(
                secret, path, f"cannot be read: {error.strerror}", "Make it, or mend `path`."
            ) from error
        try:
            content = _read(descriptor, secret, path)
        except OSError as error:
            raise _refused(
                secret, path, f"cannot be read: {error.strerror}", "Look at the disk it is on."
            ) from error
        finally:
            os.close(descriptor)
        value = content.decode("utf-8", "surrogateescape")
        if secret.options.get("strip") != "false":
            value = value.removesuffix("\n").removesuffix("\r")
        if not value:
            raise _refused(secret, path, "is empty", "Write the value into it.")
        return Fetched(check_value(secret, value, str(path)))

    def _path(self, written: str) -> Path:
        if self._home and (written == "~" or written.startswith("~/")):
            return Path(self._home + written[1:])
        return self._root / Path(written).expanduser()


def _read(descriptor: int, secret: Secret, path: Path) -> bytes:
    """The content, if nobody else can read it. What was opened is looked at, not what has its name
    now.
    """
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        raise _refused(secret, path, "is not a file", "Name the file that holds the value.")
    mode = stat.S_IMODE(found.st_mode)
    if mode & 0o007:
        raise _refused(
            secret,
            path,
            f"can be used by every user of this machine (mode {mode:04o})",
            f"Take that away: `chmod 600 {path}`; and change the secret, it may be known.",
        )
    pieces: list[bytes] = []
    size = 0
    while size <= LONGEST and (piece := os.read(descriptor, LONGEST + 1)):
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)


def _refused(secret: Secret, path: Path, what: str, hint: str) -> SourceError:
    return SourceError(
        f"secret `{secret.name}` comes from the file {path}, which {what}",
        hint=hint,
        place=secret.place,
    )

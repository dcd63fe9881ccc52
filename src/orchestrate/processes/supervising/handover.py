"""The two files by which a command hands something over while it runs or when it ends.

They lie in a folder of this supervisor, mode 0700, in memory where the system has such a place,
because a command may write secrets into them.
"""

import errno
import os
import stat
import time

LARGEST_OUTPUT = 1024 * 1024
_PROGRESS_BYTES = 256


def make_folder(name: str, runtime_dir: str, directory: str) -> str:
    """Make the folder: in the user's runtime directory, else in /dev/shm, else in `directory`."""
    for place in (runtime_dir, "/dev/shm"):
        if not place or not _is_in_memory(place):
            continue
        folder = f"{place}/orchestrate-{name}-{time.time_ns():x}"
        try:
            os.mkdir(folder, 0o700)
        except OSError:
            continue
        return folder
    folder = f"{directory}/handover"
    os.mkdir(folder, 0o700)
    return folder


def _is_in_memory(place: str) -> bool:
    """Whether it is a folder on a file system of its own, as those in memory are."""
    try:
        return (
            stat.S_ISDIR(os.lstat(place).st_mode) and os.stat(place).st_dev != os.stat("/").st_dev
        )
    except OSError:
        return False


def remove_folder(folder: str) -> None:
    """Remove the folder with what is left in it."""
    try:
        for name in os.listdir(folder):
            os.unlink(f"{folder}/{name}")
        os.rmdir(folder)
    except OSError:
        return


class Handover:
    """The files of one attempt. Neither exists until the command writes it."""

    def __init__(self, folder: str, index: int) -> None:
        self.output = f"{folder}/{index}-{time.time_ns():x}"
        """ORCHESTRATE_OUTPUT. No other attempt ever has the same."""
        self.progress = f"{self.output}.progress"
        self.too_large = False
        self.problem = ""
        """Why what was handed over could not be read."""
        self._progress_seen: tuple[int, int] = (0, 0)

    def read_output(self) -> str | None:
        """What was handed over. None if nothing was, or too much."""
        try:
            text = self._read(self.output, LARGEST_OUTPUT + 1)
        except OSError as error:
            self.problem = (error.strerror or str(error)).lower()
            return None
        if text is not None and len(text) > LARGEST_OUTPUT:
            self.too_large = True
            text = None
        return None if text is None else text.decode("utf-8", "replace")

    def remove(self) -> None:
        """Remove both files."""
        for path in (self.output, self.progress):
            try:
                os.unlink(path)
            except OSError:
                continue

    def new_progress(self) -> float | None:
        """The percentage in ORCHESTRATE_PROGRESS if the file has changed since the last look."""
        try:
            status = os.stat(self.progress, follow_symlinks=False)
        except OSError:
            return None
        seen = (status.st_mtime_ns, status.st_size)
        if seen == self._progress_seen:
            return None
        self._progress_seen = seen
        try:
            text = self._read(self.progress, _PROGRESS_BYTES, from_end=True) or b""
        except OSError:
            return None
        words = text.replace(b"%", b" ").split()
        try:
            percent = float(words[-1]) if words else -1.0
        except ValueError:
            return None
        return percent if 0.0 <= percent <= 100.0 else None

    @staticmethod
    def _read(path: str, limit: int, *, from_end: bool = False) -> bytes | None:
        try:
            fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno == errno.ELOOP:
                return None  # a link leads to what is not the command's
            raise
        try:
            status = os.fstat(fd)
            if not stat.S_ISREG(status.st_mode):
                return None
            parts: list[bytes] = []
            place = max(0, status.st_size - limit) if from_end else 0
            while limit > 0:
                part = os.pread(fd, limit, place)
                if not part:
                    break
                parts.append(part)
                place += len(part)
                limit -= len(part)
            return b"".join(parts)
        finally:
            os.close(fd)

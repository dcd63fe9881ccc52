"""What a worker writes down of each attempt of a workflow: that it began with it, and that it
launches it. Of one that it began with and did not launch it is certain that nothing ever ran.
"""

import os
from pathlib import Path

from orchestrate.errors import StateDirectoryError
from orchestrate.processes import host

_NAME = "attempts"


class Notes:
    """Of one workflow, in its folder."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / _NAME

    def begin(self, attempt: int) -> None:
        """Somebody will be told that this worker has it. Raises StateDirectoryError."""
        self._write(f"begun {attempt} {host.boot_id()}\n")

    def launch(self, attempt: int) -> None:
        """From here on it may have effects. Raises StateDirectoryError."""
        self._write(f"launched {attempt}\n")

    def end(self, attempt: int) -> None:
        """Its end was told, and its record may be forgotten. Raises StateDirectoryError."""
        self._write(f"ended {attempt}\n")

    def _write(self, line: str) -> None:
        # It survives the end of this process. After a new start of the host it proves nothing.
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.write(file, line.encode())
            finally:
                os.close(file)
        except OSError as error:
            raise StateDirectoryError(
                f"{self._file} cannot be written: {error.strerror}",
                hint="Make room on the disk of the worker; then resume the workflow.",
            ) from error

    def never_launched(self, attempt: int) -> bool:
        """Whether it was begun with here since the host was started, and certainly not launched."""
        return self._begun_without(attempt, "launched")

    def has_a_record(self, attempt: int) -> bool:
        """Whether it would have one if it had ever been started here."""
        return self._begun_without(attempt, "ended")

    def knows(self, attempt: int) -> bool:
        """Whether this worker ever had it: on this host, in this state directory."""
        return any(line.startswith(f"begun {attempt} ") for line in self._lines())

    def _begun_without(self, attempt: int, what: str) -> bool:
        lines = self._lines()
        return f"begun {attempt} {host.boot_id()}" in lines and f"{what} {attempt}" not in lines

    def _lines(self) -> list[str]:
        try:
            return self._file.read_text().splitlines()
        except FileNotFoundError:
            return []

"""The application's data: records in one JSON file, changed by several processes."""

import fcntl
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SEED = (
    {"id": 1, "name": "first order", "amount": 120},
    {"id": 2, "name": "second order", "amount": 80},
    {"id": 3, "name": "third order", "amount": 45},
)


class Dataset:
    """Records in `directory`/records.json. Readers always see a complete file."""

    def __init__(self, directory: Path) -> None:
        self._file = directory / "records.json"

    def seed(self) -> None:
        """Begin with a few records, unless there are any."""
        with self._locked():
            if not self._file.exists():
                self._write(SEED)

    def read(self) -> list[dict[str, Any]]:
        """All records, oldest first."""
        try:
            return json.loads(self._file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return []

    def add(self, record: dict[str, Any]) -> dict[str, Any]:
        """Append a record; returns it with its id."""
        with self._locked():
            records = self.read()
            added = {**record, "id": max((each["id"] for each in records), default=0) + 1}
            self._write([*records, added])
        return added

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.with_name(".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _write(self, records: Sequence[dict[str, Any]]) -> None:
        fresh = self._file.with_name(".records.json.new")
        fresh.write_text(json.dumps(records, indent=1) + "\n", encoding="utf-8")
        fresh.replace(self._file)

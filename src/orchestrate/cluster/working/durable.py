"""Small files that a worker keeps, which are whole after a loss of power, too."""

import os
from pathlib import Path


def replace(file: Path, text: str) -> None:
    """Write it anew, for nobody else to read. Raises OSError."""
    fresh = file.with_name(f"{file.name}-new")
    fresh.touch(mode=0o600)
    with fresh.open("w") as written:
        written.write(text)
        written.flush()
        os.fsync(written.fileno())
    fresh.replace(file)

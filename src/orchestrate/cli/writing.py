"""Writing a report, a trace, a picture or a schema where somebody wants it."""

from orchestrate.cli.console import err, out
from orchestrate.errors import UsageError


def write_file(name: str, text: str) -> None:
    """Write a file, or stdout for `-`; raises UsageError if that is not possible."""
    if name == "-":
        out.write(text)
        return
    from pathlib import Path

    try:
        Path(name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"{name} cannot be written: {error.strerror}",
            hint="Name another file, or `-` for stdout.",
        ) from error
    err.line(f"{name} is written")

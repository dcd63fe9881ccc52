"""What a daemon says: a line for each thing that happens, on stderr, for people or machines."""

import json
import sys
import time
from contextlib import suppress
from typing import Protocol


class Log(Protocol):
    """Says that something happened; `fields` are said in their order, empty ones left out."""

    def __call__(self, what: str, **fields: object) -> None:
        """Say it."""
        ...


def as_text(what: str, **fields: object) -> None:
    """`2026-11-22 17:03:04 started workflow=WF-2026-007 schedule=nightly`."""
    told = "".join(
        f" {key}={_shown(value)}" for key, value in fields.items() if value not in ("", None)
    )
    _write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {what}{told}")


def as_json(what: str, **fields: object) -> None:
    """One JSON object for each line, times in UTC."""
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    told = {key: value for key, value in fields.items() if value not in ("", None)}
    _write(json.dumps({"at": moment, "what": what, **told}, ensure_ascii=False, default=str))


def _shown(value: object) -> str:
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if any(c in text for c in ' "\n') else text


def _write(line: str) -> None:
    if sys.stderr is not None:
        with suppress(OSError, ValueError):  # nobody reads it
            sys.stderr.write(line + "\n")
            sys.stderr.flush()

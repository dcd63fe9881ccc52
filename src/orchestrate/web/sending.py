"""Answers that are too large for memory."""

import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response

from orchestrate.app import App

_PREFIX = "sending-"
_LONGEST = 86_400.0
"""Seconds after which nobody is still being sent what a server that was killed has left."""


def sent(app: App, name: str, kind: str, write: Callable[[Path], object]) -> Response:
    """What `write` makes, by way of a file that is gone once it was sent."""
    _clear(app.project.state_dir)
    folder = tempfile.TemporaryDirectory(prefix=_PREFIX, dir=app.project.state_dir)
    file = Path(folder.name) / name
    try:
        write(file)
    except BaseException:
        folder.cleanup()
        raise
    return FileResponse(
        file, filename=name, media_type=kind, background=BackgroundTask(folder.cleanup)
    )


def _clear(state: Path) -> None:
    """What was left behind is as large as the store, and as secret."""
    for folder in state.glob(f"{_PREFIX}*"):
        with suppress(FileNotFoundError):  # it was sent this moment
            if folder.lstat().st_mtime < time.time() - _LONGEST:
                shutil.rmtree(folder, ignore_errors=True)

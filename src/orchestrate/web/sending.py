"""Answers that are too large for memory."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response

from orchestrate.app import App


def sent(app: App, name: str, kind: str, write: Callable[[Path], object]) -> Response:
    """What `write` makes, by way of a file that is gone once it was sent."""
    folder = tempfile.TemporaryDirectory(prefix="sending-", dir=app.project.state_dir)
    file = Path(folder.name) / name
    try:
        write(file)
    except BaseException:
        folder.cleanup()
        raise
    return FileResponse(
        file, filename=name, media_type=kind, background=BackgroundTask(folder.cleanup)
    )

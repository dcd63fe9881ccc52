"""What is done to a project's files, for the audit of the machine that serves it."""

import hashlib
import time
from pathlib import Path

from orchestrate.app import App
from orchestrate.embedded.actions import Action, record
from orchestrate.embedded.store import Store
from orchestrate.playbook.plan import Json

PLAYBOOK_SAVED = "playbook_saved"
"""The action; its subject is the path of the file."""


def note_saved(app: App, path: str, before: bytes | None, after: bytes) -> None:
    """Who saved a playbook: whoever `app` is on behalf of."""
    data: dict[str, Json] = {"after": {"digest": hashlib.sha256(after).hexdigest()}}
    if before is not None:
        data["before"] = {"digest": hashlib.sha256(before).hexdigest()}
    store = Store(app.project.state_dir, app.project.settings.state_group)
    try:
        action = Action(PLAYBOOK_SAVED, app.author, path, data)
        store.writer.call(lambda c: record(c, time.time(), action))
    finally:
        store.close()


def held(file: Path) -> bytes | None:
    """What is in a file; None: it is not there."""
    return file.read_bytes() if file.is_file() else None

"""Signing how far everything that a project recorded went, wherever its workflows run."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from orchestrate.app import App
from orchestrate.errors import UsageError
from orchestrate.launching.signing import seal_of


class Signed(NamedTuple):
    """A checkpoint, and the file to which it was added."""

    line: Mapping[str, Any]
    file: Path


def sign(app: App) -> Signed:
    """Sign a checkpoint. Raises UsageError if the project has no key."""
    seal = seal_of(app.project)
    if seal is None:
        raise UsageError(
            "there is no key to sign with",
            hint="Make one with `orchestrate audit key FILE` and name it in [audit] key.",
        )
    if app.project.settings.cluster is not None:
        from orchestrate.cluster.auditing import checkpoints
        from orchestrate.cluster.auditing.journals import Journals

        with app.open_cluster() as cluster:
            namespace = cluster.connection.client.namespace
            line = checkpoints.sign(Journals(cluster.connection), namespace, seal)._asdict()
    else:
        from orchestrate.embedded.auditing import signing

        with app.open_engine() as engine:
            line = signing.sign(engine.store, seal, app.author)._asdict()
    return Signed(line, seal.file)

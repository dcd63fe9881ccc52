"""The files of a project on their way into Temporal, from whoever starts a workflow."""

import os
from collections.abc import Iterator
from pathlib import Path

from orchestrate.cluster.connection import ClusterError, Connection
from orchestrate.cluster.shipping.packing import Packer
from orchestrate.cluster.storing.blobs import Blobs, Ref
from orchestrate.errors import UsageError
from orchestrate.playbook.linting.walk import walk
from orchestrate.playbook.plan import Plan, SubPlaybook
from orchestrate.project.model import Project, Settings
from orchestrate.secrets.sources import FILE


class Shipment:
    """The files as they were when a workflow was asked for."""

    def __init__(self, connection: Connection, blobs: Blobs, packer: Packer) -> None:
        self._connection = connection
        self._blobs = blobs
        self._packer = packer
        self._packed = packer.look()

    def send(self, holder: str) -> Ref:
        """Have them kept for a workflow. Raises ClusterError."""
        ref = Ref(self._packed.digest, self._packed.size)
        if self._packed.archive is None:
            try:
                self._connection.wait(self._blobs.hold(ref, holder))
            except ClusterError:  # nobody needed them for a while
                self._packed = self._packer.pack()
            else:
                return ref
        assert self._packed.archive is not None
        return self._connection.wait(self._blobs.put(self._packed.archive, holder))

    def is_same(self, ref: Ref) -> bool:
        """Whether these are those files."""
        return self._packed.digest == ref.digest


class Sender:
    """Sends what one project's steps need."""

    def __init__(self, connection: Connection, project: Project) -> None:
        self._connection = connection
        self._project = project
        self._blobs = Blobs(connection.client)

    def prepare(self, plan: Plan) -> Shipment:
        """The files as they are now. Raises UsageError for what cannot be sent."""
        _check_settings(self._project.settings)
        root = self._project.root
        left_out = set(_within(root, (root / path for path in _private(self._project, plan))))
        packer = Packer(root, self._project.state_dir / "cache", left_out)
        return Shipment(self._connection, self._blobs, packer)

    def keep(self, ref: Ref, plan: Plan, holder: str) -> None:
        """Have files that were sent before kept for a workflow that goes on. Raises ClusterError if
        nobody has them any more.
        """
        try:
            self._connection.wait(self._blobs.hold(ref, holder))
        except ClusterError as error:
            now = self.prepare(plan)
            if not now.is_same(ref):
                raise ClusterError(
                    f"the project's files with which {holder} began are not to be had: "
                    f"{error.message}",
                    hint="`resume --playbook-changes use` goes on with those of now.",
                ) from error
            now.send(holder)


def _private(project: Project, plan: Plan) -> Iterator[Path]:
    """What must not leave this machine, beside what rules say: state, keys, secrets in files."""
    settings = project.settings
    yield project.state_dir
    files = [settings.audit.key]
    if settings.cluster is not None:
        files += [settings.cluster.key_file, settings.cluster.encryption_file]
    files += [settings.vault.get(key) for key in ("token_file", "secret_id_file", "jwt_file")]
    for inner in _plans(plan):
        files += [one.options.get("path") for one in inner.secrets if one.source == FILE]
    yield from (Path(file).expanduser() for file in files if isinstance(file, str))


def _plans(plan: Plan) -> Iterator[Plan]:
    yield plan
    for located in walk(plan):
        action = located.step.action
        if isinstance(action, SubPlaybook):
            yield from _plans(action.plan)


def _within(root: Path, paths: Iterator[Path]) -> Iterator[str]:
    for path in paths:
        inside = os.path.relpath(path, root)
        if not inside.startswith(".."):
            yield inside


def _check_settings(settings: Settings) -> None:
    """Raise UsageError for what orchestrate.toml itself holds of passwords: it is sent along."""
    found = {
        f"the `url` of [notify.{name}]": "put it into an environment variable of the workers, and "
        "name that in `url_variable`"
        for name, target in settings.notify.items()
        if "url" in target
    }
    if settings.telemetry.headers:
        found["[telemetry] headers"] = "set OTEL_EXPORTER_OTLP_HEADERS instead"
    if found:
        what, instead = next(iter(found.items()))
        raise UsageError(
            f"{what} in orchestrate.toml may hold a password, and would lie in Temporal",
            hint=f'To keep it out, {instead}. With `[engine] project_files = "local"` nothing '
            "is sent: workers use their own copy of the project.",
        )

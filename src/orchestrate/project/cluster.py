"""`[engine] kind = "cluster"`: which Temporal cluster runs the workflows of a project."""

from typing import Any, NamedTuple

from orchestrate.errors import UsageError
from orchestrate.project.fields import Table, suggest

KINDS = ("embedded", "cluster")
PROJECT_FILES = ("sent", "local")
"""Whether workers get the project's files with each workflow, or use a copy that they have."""
ENGINE = {
    "address": "text",
    "namespace": "text",
    "pool": "text",
    "api_key_variable": "text",
    "worker_lost_after": "duration",
    "worker_lease": "duration",
    "project_files": "text",
}
"""Keys of `[engine]` that only a cluster has."""
ENCRYPTION = {"key_variable": "text", "key_file": "text"}
TLS = {"ca_file": "text", "cert_file": "text", "key_file": "text"}


class ClusterEngine(NamedTuple):
    """How to reach it, and what steps can expect of it. Files are as written: seen from the root of
    the project.
    """

    address: str
    namespace: str = "default"
    pool: str = "default"
    """Where steps run that name none."""
    worker_lost_after: float = 10.0
    """Seconds without a sign of life."""
    worker_lease: float = 60.0
    """Seconds in which a lost worker may come back and go on with its steps."""
    project_files: str = "sent"
    """One of `PROJECT_FILES`."""
    api_key_variable: str | None = None
    """The environment variable that holds the key for a managed cluster."""
    tls: bool = False
    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None
    encryption_variable: str | None = None
    """The environment variable that holds the keys of what is stored in Temporal."""
    encryption_file: str | None = None
    """Or the file."""


def read_cluster(engine: Table) -> ClusterEngine | None:
    """What `[engine]` says of a cluster; None: workflows run on this machine."""
    kind = engine.read("kind", "text")
    if kind is not None and kind not in KINDS:
        hint = suggest(kind, KINDS) or f"It is {' or '.join(KINDS)}."
        engine.problem("kind", f"{engine.name('kind')} cannot be `{kind}`", hint)
    values = {key: engine.read(key, of) for key, of in ENGINE.items()}
    given = {key: value for key, value in values.items() if value is not None}
    tls = engine.table("tls")
    files = tls.values(TLS)
    encryption = _encryption(engine.table("encryption"))
    if kind != "cluster":
        tables = (key for key in ("tls", "encryption") if key in engine.data)
        for key in (*given, *tables):
            hint = 'Add `kind = "cluster"`, or leave it out.'
            engine.problem(key, f"{engine.name(key)} is for clusters only", hint)
        return None
    engine.require("address")
    files_from = values["project_files"]
    if files_from is not None and files_from not in PROJECT_FILES:
        hint = suggest(files_from, PROJECT_FILES) or f"It is {' or '.join(PROJECT_FILES)}."
        name = engine.name("project_files")
        engine.problem("project_files", f"{name} cannot be `{files_from}`", hint)
    if ("cert_file" in files) != ("key_file" in files):
        tls.problem("cert_file", "a certificate and its key belong together", "Give both files.")
    secured = "tls" in engine.data or "api_key_variable" in given
    settings: dict[str, Any] = {"address": "", **given, "tls": secured, **files, **encryption}
    return ClusterEngine(**settings)


def _encryption(table: Table) -> dict[str, Any]:
    found = table.values(ENCRYPTION)
    if table.data and len(found) != 1:
        hint = "Give `key_variable` or `key_file`."
        table.problem("key_variable", "encryption takes its keys from one place", hint)
    return {f"encryption_{key.removeprefix('key_')}": value for key, value in found.items()}


def check_embedded(cluster: ClusterEngine | None, instead: str = "") -> None:
    """Raise UsageError if workflows run on a cluster: what is asked for needs a store here.
    `instead`: what there is on a cluster.
    """
    if cluster is not None:
        raise UsageError(
            "this is not offered where workflows run on a cluster",
            hint=instead or "docs/operating-a-cluster.md lists what is.",
        )

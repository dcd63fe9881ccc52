"""`[metrics]`: where they are written, and who may read them."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from orchestrate.project.fields import Table

KEYS = {"textfile": "text", "token": "text"}
LABEL = r"[a-zA-Z_][a-zA-Z0-9_]*"
"""The name of a label, as Prometheus has them."""
_NO_LABELS: Mapping[str, str] = {}


class Monitoring(NamedTuple):
    """`textfile`: written when a workflow has ended (relative to the project); `token`: what a
    request to `/metrics` has to bring. None: neither. `labels`: what every metric has, too.
    """

    textfile: str | None = None
    token: str | None = None
    labels: Mapping[str, str] = _NO_LABELS


def read_monitoring(table: Table) -> Monitoring:
    """The table, checked."""
    textfile, token = (table.read(key, kind) for key, kind in KEYS.items())
    if textfile is not None and not textfile.endswith(".prom"):
        table.problem("textfile", f"{table.name('textfile')} does not end with .prom",
                      "node_exporter reads no other files.")  # fmt: skip
    if token is not None and len(token) < 8:
        table.problem("token", f"{table.name('token')} is shorter than 8 characters",
                      "Such as what `openssl rand -hex 20` prints.")  # fmt: skip
    labels = table.read("labels", "map")
    given: dict[str, object] = labels or {}
    for name, value in given.items():
        if not re.fullmatch(LABEL, name) or name.startswith("__"):
            table.problem("labels", f"{table.name('labels')}.{name} is no name of a label",
                          "Letters, digits and `_`, such as `project`.")  # fmt: skip
        elif not isinstance(value, str):
            table.problem("labels", f"{table.name('labels')}.{name} must be text")
    table.finish()
    return Monitoring(textfile, token, labels or _NO_LABELS)

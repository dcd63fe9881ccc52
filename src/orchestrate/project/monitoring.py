"""`[metrics]`: where they are written, and who may read them."""

from typing import NamedTuple

from orchestrate.project.fields import Table

KEYS = {"textfile": "text", "token": "text"}


class Monitoring(NamedTuple):
    """`textfile`: written when a workflow has ended (relative to the project); `token`: what a
    request to `/metrics` has to bring. None: neither.
    """

    textfile: str | None = None
    token: str | None = None


def read_monitoring(table: Table) -> Monitoring:
    """The table, checked."""
    textfile, token = (table.read(key, kind) for key, kind in KEYS.items())
    if textfile is not None and not textfile.endswith(".prom"):
        table.problem("textfile", f"{table.name('textfile')} does not end with .prom",
                      "node_exporter reads no other files.")  # fmt: skip
    if token is not None and len(token) < 8:
        table.problem("token", f"{table.name('token')} is shorter than 8 characters",
                      "Such as what `openssl rand -hex 20` prints.")  # fmt: skip
    table.finish()
    return Monitoring(textfile, token)

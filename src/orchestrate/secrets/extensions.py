"""Sources that installed Python packages offer: entry points of the group `orchestrate.secrets`.

Each is called in a process of its own, which ends with the call: what hangs or crashes there does
not touch the engine. The value comes back through a pipe.

`python -m orchestrate.secrets.extensions NAME` is that process. It reads `{"name", "options"}` as
JSON, calls the entry point NAME with both, and writes the text that this returns.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import entry_points
from pathlib import Path

from orchestrate.playbook.plan import Secret
from orchestrate.secrets.model import Fetched, SourceError, check_value

ENTRY_POINTS = "orchestrate.secrets"
PATIENCE = 30.0
"""Seconds that a source may take."""


def offered() -> tuple[str, ...]:
    """The names of the sources that installed packages offer."""
    return tuple(sorted({point.name for point in entry_points(group=ENTRY_POINTS)}))


class Extension:
    """One such source."""

    def __init__(self, name: str, root: Path, env: Mapping[str, str]) -> None:
        self._name = name
        self._root = root
        self._env = env

    def fetch(self, secret: Secret) -> Fetched:
        """What the package says. What it writes to stderr is not shown: it may hold anything."""
        import json

        request = json.dumps({"name": secret.name, "options": dict(secret.options)})
        argv = [sys.executable, "-m", "orchestrate.secrets.extensions", self._name]
        try:
            done = subprocess.run(
                argv,
                input=request.encode(),
                capture_output=True,
                timeout=PATIENCE,
                check=False,
                cwd=self._root,
                env=self._env,
            )
        except subprocess.TimeoutExpired:
            raise self._failed(secret, f"took longer than {PATIENCE:g} s") from None
        except OSError as error:
            raise self._failed(secret, f"cannot be called: {error.strerror}") from error
        value = done.stdout.decode("utf-8", "surrogateescape")
        if done.returncode != 0 or not value:
            what = f"ended with exit code {done.returncode}" if done.returncode else "gave nothing"
            raise self._failed(secret, what)
        return Fetched(check_value(secret, value, self._name))

    def _failed(self, secret: Secret, what: str) -> SourceError:
        return SourceError(
            f"the source `{self._name}` of the secret `{secret.name}` {what}",
            hint="Try it by hand: `python -m orchestrate.secrets.extensions "
            f"{self._name}`, with the request as JSON on its input.",
            place=secret.place,
        )


def main(name: str) -> int:
    """Call the entry point; its exit code."""
    import json

    found = next(iter(entry_points(group=ENTRY_POINTS, name=name)), None)
    if found is None:
        sys.stderr.write(f"no installed package offers the source `{name}`\n")
        return 2
    request = json.loads(sys.stdin.read())
    # What the package prints is not the value.
    out = os.dup(1)
    os.dup2(2, 1)
    value = found.load()(request["name"], request["options"])
    with os.fdopen(out, "wb") as pipe:
        pipe.write(str(value).encode("utf-8", "surrogateescape"))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

"""Running a workflow in the background: a process of its own session, without a terminal.

It executes `orchestrate own ID` (hidden verb), which reads secrets from its standard input: they
reach it through a pipe, never through the disk, arguments or variables.
"""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from orchestrate.embedded.hosting import workflow_folder
from orchestrate.errors import OrchestrateError, StateDirectoryError

LOG = "engine.log"


def spawn(
    state_dir: Path,
    workflow: str,
    secret_values: Mapping[str, str],
    environment: Mapping[str, str] | None = None,
) -> int:
    """Start `orchestrate own WORKFLOW` in the background; returns its pid.

    What it says goes to `workflows/WORKFLOW/engine.log`.
    """
    folder = workflow_folder(state_dir, workflow)
    folder.mkdir(parents=True, exist_ok=True)
    variables = dict(os.environ if environment is None else environment)
    variables["ORCHESTRATE_STATE_DIR"] = str(state_dir.absolute())
    reader, writer = os.pipe()
    log = os.open(folder / LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        pid = os.posix_spawn(
            sys.executable,
            [sys.executable, "-m", "orchestrate", "own", workflow],
            variables,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, reader, 0),
                (os.POSIX_SPAWN_DUP2, log, 1),
                (os.POSIX_SPAWN_DUP2, log, 2),
            ],
            setsid=True,
        )
        os.close(reader)
        reader = -1
        with os.fdopen(writer, "wb") as stream:
            writer = -1
            stream.write(json.dumps({"secret_values": dict(secret_values)}).encode())
    except OSError as error:
        raise StateDirectoryError(
            f"{workflow} could not be started in the background: {error.strerror}",
            hint=f"Run it here: `orchestrate own {workflow}` is what was tried.",
        ) from error
    finally:
        os.close(log)
        for descriptor in (reader, writer):
            if descriptor >= 0:
                os.close(descriptor)
    return pid


def read_secrets(stream: IO[bytes]) -> dict[str, str]:
    """What `spawn` wrote; for the verb `own`."""
    try:
        said = json.loads(stream.read() or b"{}")
        return {str(name): str(value) for name, value in said.get("secret_values", {}).items()}
    except (ValueError, AttributeError) as error:
        raise OrchestrateError(
            "standard input does not hold what `run --detach` writes",
            hint="`own` is started by `orchestrate run --detach`; use `resume` by hand.",
        ) from error

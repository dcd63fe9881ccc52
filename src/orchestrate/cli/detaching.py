"""Leaving a workflow to the cluster, or to a process of its own.

The new process gets what must not touch the disk (secret values, resume options) through a pipe,
and tells through another one when it owns the workflow, or why it could not.
"""

import json
import os
import sys
from collections.abc import Mapping
from typing import Any, NamedTuple

from orchestrate.app import App
from orchestrate.errors import OrchestrateError, UsageError
from orchestrate.workflow.engine import ResumeOptions


class Errand(NamedTuple):
    """What the new process is to do: run a new workflow, or resume one."""

    workflow: str
    secret_values: Mapping[str, str]
    resume: ResumeOptions | None = None


class HandOverError(OrchestrateError):
    """The new process could not take the workflow over; the message is its own."""

    code = "hand-over"


def leave(app: App, errand: Errand) -> None:
    """Leave the workflow to whoever goes on with it; returns once that is sure."""
    if app.project.settings.cluster is None:
        _hand_over(errand)
        return
    with app.open_cluster() as engine:
        if errand.resume is None:
            engine.begin(errand.workflow)
        else:
            engine.go_on(errand.workflow, errand.resume)


def _hand_over(errand: Errand) -> None:
    """Start a process for the workflow; returns once it owns it."""
    import subprocess

    reading, writing = os.pipe()
    words = [sys.executable, "-m", "orchestrate", "own", errand.workflow, "--tell", str(writing)]
    process = subprocess.Popen(
        words,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=(writing,),
        start_new_session=True,
    )
    os.close(writing)
    if process.stdin is not None:
        with process.stdin as pipe:
            pipe.write(encode(errand))
    with os.fdopen(reading, "rb") as answer:
        said = answer.read()
    process.returncode = 0  # it outlives this process on purpose
    if said != OWNED:
        shown = said.decode("utf-8", "replace").strip() or "it ended without a word"
        raise HandOverError(
            f"{errand.workflow} could not be left to a background process: {shown}",
            hint=f"`orchestrate resume --workflow {errand.workflow}` runs it here.",
        )


OWNED = b"owned\n"


def encode(errand: Errand) -> bytes:
    """The errand as the new process reads it."""
    data: dict[str, Any] = {"secret_values": dict(errand.secret_values), "resume": None}
    if errand.resume is not None:
        resume: dict[str, Any] = errand.resume._asdict()
        changed = errand.resume.changed_plan
        if changed is not None:
            from orchestrate.playbook.codec import dump_plan

            resume["changed_plan"] = dump_plan(changed)
        data["resume"] = resume
    return json.dumps(data).encode()


def decode(workflow: str, text: bytes) -> Errand:
    """The errand that `encode` wrote."""
    try:
        data: dict[str, Any] = json.loads(text)
        resume: dict[str, Any] | None = data["resume"]
        if resume is not None and resume["changed_plan"] is not None:
            from orchestrate.playbook.codec import load_plan

            resume["changed_plan"] = load_plan(resume["changed_plan"])
        options = None if resume is None else ResumeOptions(**resume)
        return Errand(workflow, data["secret_values"], options)
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(
            "`own` is called by orchestrate itself, with an errand on its stdin",
            hint="Use `orchestrate run --detach` or `orchestrate resume --detach`.",
        ) from error

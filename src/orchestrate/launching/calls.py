"""From an attempt to a process: what exactly is launched, and what its end means.

Secrets enter here, in memory, and leave only over the supervisor's socket.
"""

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

from orchestrate.commands import contract
from orchestrate.commands.trace_context import Trace
from orchestrate.errors import CommandError, OrchestrateError
from orchestrate.launching import leases
from orchestrate.launching.secret_supply import Supply
from orchestrate.launching.services import LaunchServices
from orchestrate.playbook.plan import Plan, Secret
from orchestrate.processes.launch import Launch, Report
from orchestrate.workflow.events import Event
from orchestrate.workflow.outcomes import Outcome, Status
from orchestrate.workflow.program import Argument, Attempt

_SHELL = "shell"
_SCRIPT = "script"
_OF_THE_DAEMON = frozenset(
    ("ORCHESTRATE_WEBHOOK_SECRET", "ORCHESTRATE_EVENTS_TOKEN", "ORCHESTRATE_METRICS_TOKEN")
)
"""What those bring who ask something of the daemon: no step's business."""


class Declared(NamedTuple):
    """What a plan says of secrets."""

    secrets: tuple[Secret, ...]
    withheld: frozenset[str]
    """Environment variables that no step inherits."""


def declared(plan: Plan) -> Declared:
    """What a plan says of secrets."""
    withheld = _OF_THE_DAEMON
    if plan.secrets or plan.triggers or plan.integrations:
        from orchestrate.playbook.triggers import secrets_of
        from orchestrate.secrets.sources import withheld_variables

        told = [secret for each in plan.integrations for secret in each.secrets]
        withheld |= withheld_variables((*plan.secrets, *secrets_of(plan.triggers), *told))
    return Declared(plan.secrets, withheld)


class Caller:
    """Makes the launches of one workflow in one ownership."""

    def __init__(
        self,
        services: LaunchServices,
        workflow: str,
        declared: Declared,
        environment: str,
        secrets: Mapping[str, str],
        folder: Path,
        epoch: int,
        trace: Trace,
    ) -> None:
        self._services = services
        self.rate_limits = services.rate_limits
        self._registry = services.registry_for(environment)
        self._workflow = workflow
        self.supply = Supply(
            declared.secrets, secrets, services.fetch_secret, partial(leases.note, folder)
        )
        # A copy: reading all of `os.environ` for every step costs as much as starting it.
        self._environment = {
            name: value
            for name, value in services.environment.items()
            if name not in declared.withheld
        }
        self._folder = folder
        self._epoch = epoch
        self._trace = trace
        self._read_only: set[int] = set()

    def launch(self, attempt: Attempt) -> Launch:
        """What to ask of the supervisor. Raises an OrchestrateError if it cannot be called."""
        call = attempt.call
        words = [self._text(word) for word in call.words]
        argv, env, origin = self._argv(attempt, words)
        root = self._services.root
        launch = Launch(
            attempt=f"{self._workflow}/{attempt.id}",
            workflow=self._workflow,
            epoch=self._epoch,
            argv=argv,
            env=contract.call_environment(
                self._environment,
                workflow=self._workflow,
                path=attempt.path,
                attempt=attempt.number,
                idempotency_key=f"{self._workflow}/{attempt.path}",
                traceparent=str(self._trace.attempt(attempt.id)),
                parameters=attempt.parameters,
                command=env,
                step={name: self._text(value) for name, value in call.env.items()},
                tokens=attempt.tokens,
            ),
            workdir=os.path.join(root, call.workdir) if call.workdir else root,  # noqa: PTH118 - text in, text out, on the way of every step
            log=f"{self._folder}/{attempt.id}",
            deadline=attempt.timeout,
            grace=self._services.kill_grace,
            masks=self.supply.masks,
            output_limit=self._services.output_limit,
            tails=attempt.reads,
        )
        if self._services.on_launch is not None:
            self._services.on_launch(attempt, launch, origin)
        return launch

    def _argv(
        self, attempt: Attempt, words: Sequence[str]
    ) -> tuple[tuple[str, ...], Mapping[str, str], str]:
        """Argv, the variables that belong to the command, and where it was found."""
        text = attempt.call.text
        if attempt.call.kind == _SHELL:
            return (*(words or ("/bin/sh",)), "-c", text or ""), {}, ""
        resolved = self._registry.resolve(words)
        if resolved.read_only:
            self._read_only.add(attempt.id)
        env = resolved.env
        if resolved.variables:
            given = self._services.environment
            env = {**env, **{name: given[name] for name in resolved.variables if name in given}}
        if attempt.call.kind == _SCRIPT:
            return (*resolved.argv, self._script(text or "")), env, resolved.origin
        return resolved.argv, env, resolved.origin

    def _script(self, text: str) -> str:
        """A script's text in a file: not every interpreter takes it as an argument. It is named by
        its content, and holds no secret: values reach it by its environment.
        """
        import hashlib

        content = text.encode(errors="surrogateescape")
        path = self._folder / f"script-{hashlib.sha256(content).hexdigest()[:16]}"
        if not path.exists():
            fresh = path.with_suffix(f".{os.getpid()}")
            fresh.write_bytes(content)
            fresh.rename(path)
        return str(path)

    def _text(self, argument: Argument) -> str:
        if isinstance(argument, str):
            return argument
        return "".join(
            part if isinstance(part, str) else self.supply.value(part.name) for part in argument
        )

    def recall(self, attempt: int, started: Event) -> None:
        """Find out again whether an attempt that somebody else started only reads."""
        import shlex

        if started.data.get("kind") != "command":
            return
        with suppress(ValueError, OrchestrateError):  # not to be known: then it may have effects
            if self._registry.resolve(shlex.split(str(started.data["call"]))).read_only:
                self._read_only.add(attempt)

    def reads_only(self, attempt: int) -> bool:
        """Whether what that attempt called only reads."""
        return attempt in self._read_only


def not_callable(error: OrchestrateError, now: float, masks: tuple[str, ...] = ()) -> Outcome:
    """The outcome of an attempt that could not even be asked for. What could not be called is named
    in the message, and may hold a secret.
    """
    code = 127 if isinstance(error, CommandError) else None
    message = f"{error.message}. {error.hint}" if error.hint else error.message
    if masks:
        from orchestrate.processes.supervising.masking import Masker

        message = Masker(masks).mask(message)
    return Outcome(Status.FAILED, code, message=message, started_at=now, finished_at=now)


def outcome_of(report: Report, reason: str | None, warnings: list[str]) -> Outcome:
    """What the end of a process means. `reason` is why it was asked to stop, None if it was not."""
    output = contract.read_output(report.output, report.json_stdout, warnings.append)
    late = report.timed_out or (report.stopped and reason == "timeout")
    if late:
        status, message = Status.TIMED_OUT, report.message or "timed out"
    elif report.stopped:
        status, message = Status.CANCELLED, report.message or "stopped"
    elif report.exit_code == 0:
        status, message = Status.SUCCEEDED, report.message
    else:
        status, message = Status.FAILED, report.message or f"exit code {report.exit_code}"
    return Outcome(
        status=status,
        exit_code=report.exit_code,
        output=output,
        stdout=report.stdout,
        stderr=report.stderr,
        message=message,
        started_at=report.started_at,
        finished_at=report.finished_at,
        left_running=report.left_running,
        survivors=report.survivors,
        timed_out=late,
    )

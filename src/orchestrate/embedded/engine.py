"""The port `Engine` on one machine: everything a user asks, over the store of one directory."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrate.embedded import journal, listing, retention, waiting
from orchestrate.embedded.claims import Claim, NewEvent
from orchestrate.embedded.creation import Creation, may_queue
from orchestrate.embedded.hosting import Hosting, workflow_folder
from orchestrate.embedded.listing import Row
from orchestrate.embedded.owning import Mode
from orchestrate.embedded.runtime import Owned
from orchestrate.embedded.services import HostServices
from orchestrate.embedded.store import Store
from orchestrate.errors import ConflictError, OrchestrateError
from orchestrate.playbook.plan import Plan
from orchestrate.processes.client import Supervisor
from orchestrate.processes.supervising.crash import crash_point
from orchestrate.workflow.engine import (
    Ended,
    Filter,
    LogPiece,
    NewWorkflow,
    Observer,
    OutputPart,
    ResumeOptions,
    ResumePlan,
    Summary,
    Waits,
)
from orchestrate.workflow.events import Event
from orchestrate.workflow.outcomes import State
from orchestrate.workflow.program import Program

if TYPE_CHECKING:
    from orchestrate.embedded.control import Control
    from orchestrate.workflow.approval_views import ApprovalView
    from orchestrate.workflow.approvals import Answer, Approver

# Rarely needed modules are imported where they are: every run would pay for them at its start.


class EmbeddedEngine:
    """Implements `workflow.engine.Engine`. Close it; one thread uses it. `supervisor`: one that
    `early.start_supervisor` spawned; without it one is spawned when the first workflow is run.
    """

    def __init__(
        self, state_dir: Path, host_services: HostServices, supervisor: Supervisor | None = None
    ) -> None:
        self._directory = state_dir
        self._services = host_services
        self._supervisor = supervisor
        self._opened: Store | None = None
        self._hosted: Hosting | None = None
        self._programs: dict[str, Program] = {}
        self._secrets: dict[str, dict[str, str]] = {}

    @property
    def has_store(self) -> bool:
        """Whether anything was ever kept here."""
        return Store.exists(self._directory)

    @property
    def store(self) -> Store:
        """The store, opened (and made) at first use."""
        if self._opened is None:
            self._opened = Store(self._directory, self._services.state_group, self._services.notice)
        return self._opened

    @property
    def hosting(self) -> Hosting:
        """What makes the process a host of workflows; made at first use."""
        if self._hosted is None:
            self._hosted = Hosting(self.store, self._services, self._supervisor)
            self._supervisor = None
        return self._hosted

    @property
    def must_tell(self) -> bool:
        """Whether this process wrote to the store, and others are to be told of something."""
        if (store := self._opened) is None or not store.writer.was_used or store.writer.trouble:
            return False
        try:
            return listing.has_deliveries(store)
        except OrchestrateError:
            return False  # the next process looks again; this one has done what it was asked

    @property
    def is_hosting(self) -> bool:
        """Whether this process ran (or made) workflows."""
        return self._hosted is not None

    def close(self, *, process_ends: bool = False) -> None:
        """Let go of everything. What runs goes on under its supervisor. `process_ends`: nothing but
        `os._exit` follows, so that the store is left as it is.
        """
        if self._supervisor is not None:
            self._supervisor.close(detach=False)
            self._supervisor = None
        if self._hosted is not None:
            self._hosted.close()
            self._hosted = None
        if self._opened is not None:
            self._opened.close(process_ends=process_ends)
            if not process_ends:
                self._opened = None

    def supply_secrets(self, workflow: str, values: Mapping[str, str]) -> None:
        """Secret values for a workflow that another process made; kept in memory only."""
        self._secrets.setdefault(workflow, {}).update(values)

    # Running

    def create(self, new: NewWorkflow) -> tuple[str, bool]:
        """See `Engine.create`."""
        rules = self._services.rules
        waiter = self.hosting.identity if may_queue(self.store, new, rules) else None
        workflow, fresh = self.store.writer.call(Creation(new, time.time(), rules, waiter))
        if fresh:
            self._secrets[workflow] = dict(new.secret_values)
            self._programs[workflow] = Program(
                workflow, new.plan, new.parameters, new.environment, new.variables, new.env,
                new.actor, new.options,
            )  # fmt: skip
        return workflow, fresh

    def made_for(self, key: str) -> str | None:
        """See `Engine.made_for`."""
        return listing.made_for(self.store, key) if self.has_store else None

    def run(self, workflow: str, observer: Observer | None = None) -> Ended:
        """See `Engine.run`."""
        row = self.row(workflow)
        if row.summary.state is not State.QUEUED:
            raise ConflictError(
                f"{workflow} was started before (state: {row.summary.state})",
                hint=f"Continue it with `orchestrate resume --workflow {workflow}`.",
            )
        program = self.program(row)
        secrets = self.secrets_of(program, {})
        hosting = self.hosting
        claim = Claim(
            row.number, workflow, hosting.identity, hosting.supervision.own.id,
            rules=self._services.rules,
        )  # fmt: skip
        signals: list[int] = []
        with hosting.loop.signals(signals.append):
            turn = waiting.Turn(hosting, lambda: bool(signals), observer, self.supersede)
            claimed = turn.claim(claim, frozenset({State.QUEUED}))
        if not isinstance(claimed, Owned):
            return self._not_begun(workflow, claimed, signals)
        owned = hosting.own(claimed, program, secrets, observer)
        for number in signals:
            hosting.loop.post(lambda n=number: owned.interrupted(n))
        ended = hosting.run(owned, Mode())
        if not self.store.writer.trouble:
            with suppress(OrchestrateError):  # the next one tidies up: this workflow has ended
                self.tidy_up()
        return ended

    def tidy_up(self) -> None:
        """Remove what is old enough, if that is due, and look after the audit."""
        retention.prune_if_due(self.store, self._services.retention_days)
        if self._services.look_after_audit is not None:
            self._services.look_after_audit(self.store)

    def _not_begun(self, workflow: str, state: State, signals: list[int]) -> Ended:
        """A queued workflow that was cancelled, or whose waiting was interrupted."""
        import signal

        if state is State.QUEUED and signals[0] == signal.SIGINT:
            self.cancel(workflow, actor=self._services.actor, reason="interrupted")
            state = State.CANCELLED
        return Ended(workflow, state, "it had not begun", interrupted=bool(signals))

    def plan_resume(self, workflow: str, options: ResumeOptions) -> ResumePlan:
        """See `Engine.plan_resume`."""
        from orchestrate.embedded import resume

        row = self.row(workflow)
        return resume.planned(self.store, row, self.program(row), options)[0]

    def resume(
        self, workflow: str, options: ResumeOptions, observer: Observer | None = None
    ) -> Ended | None:
        """See `Engine.resume`."""
        from orchestrate.embedded import resume
        from orchestrate.workflow.resume_request import check_resumable

        hosting = self.hosting
        row = self.row(workflow)
        if row.owned and resume.wake(hosting, row, options):
            return None
        row = self.row(workflow)
        check_resumable(workflow, row.summary.state, options)
        program = self.program(row)
        plan, changes = resume.planned(self.store, row, program, options)
        if plan.needs_yes and not options.jump:
            raise ConflictError(
                f"steps of {workflow} that never ran would be jumped over",
                hint="Look at them with `orchestrate resume` on a terminal, or pass --yes.",
            )
        secrets = self.secrets_of(program, dict(options.secret_values))
        claim, program = resume.claim(hosting, row, program, options, changes)
        signals: list[int] = []
        with hosting.loop.signals(signals.append):
            turn = waiting.Turn(hosting, lambda: bool(signals), observer, self.supersede)
            claimed = turn.claim(claim._replace(rules=self._services.rules))
        if not isinstance(claimed, Owned):
            return Ended(workflow, claimed, "it was not continued", interrupted=True)
        self._programs[workflow] = program
        owned = hosting.own(claimed, program, secrets, observer)
        for number in signals:
            hosting.loop.post(lambda n=number: owned.interrupted(n))
        return hosting.run(owned, Mode(unpause=True, unknown=options.unknown))

    def take_over(self, workflow: str, observer: Observer | None = None) -> Ended:
        """Continue a workflow although the process that runs it lives: one that hangs or was
        stopped. Should that process go on, its next write and its next launch are refused.
        """
        from orchestrate.embedded import resume

        hosting = self.hosting
        row = self.row(workflow)
        program = self.program(row)
        secrets = self.secrets_of(program, {})
        claim, program = resume.claim(
            hosting,
            row,
            program,
            ResumeOptions(unless_ended=True, actor=self._services.actor),
            (),
        )
        claimed = hosting.store.writer.call(claim._replace(forced=True))
        assert isinstance(claimed, Owned)
        return hosting.run(hosting.own(claimed, program, secrets, observer), Mode(unpause=True))

    def _finish(self, row: Row, events: Sequence[NewEvent], *, until_paused: bool = False) -> None:
        """Own a workflow that was cancelled or paused until nothing of it is left to do."""
        if self._services.hand_on is not None:
            self._services.hand_on(row, events, until_paused)
            return
        hosting = self.hosting
        workflow = row.summary.id
        program = self.program(row)
        claim = Claim(
            row.number, workflow, hosting.identity, hosting.supervision.own.id, events,
            expected=row.last_seq, origin=self._services.origin,
        )  # fmt: skip
        claimed = hosting.store.writer.call(claim)
        assert isinstance(claimed, Owned)
        owned = hosting.own(claimed, program, self._secrets.get(workflow, {}), None)
        hosting.run(owned, Mode(until_paused=until_paused))

    def forget(self, workflow: str) -> None:
        """Keep nothing of it in memory any more: a process that lives long has run many."""
        self._programs.pop(workflow, None)
        self._secrets.pop(workflow, None)

    # Controlling

    def pause(
        self,
        workflow: str,
        *,
        actor: str,
        reason: str = "",
        now: bool = False,
        checkpoint: bool = False,
        resume_after: float | None = None,
    ) -> str | None:
        """See `Engine.pause`."""
        return self.control.pause(
            workflow, actor=actor, reason=reason, now=now, checkpoint=checkpoint,
            resume_after=resume_after,
        )  # fmt: skip

    def cancel(self, workflow: str, *, actor: str, reason: str = "") -> None:
        """See `Engine.cancel`."""
        self.control.cancel(workflow, actor=actor, reason=reason)

    def supersede(self, earlier: str, by: str) -> None:
        """Cancel an earlier workflow of the group of `by`, unless it is being ended already."""
        crash_point("supersede.before")
        with suppress(ConflictError):  # it ended meanwhile
            self.control.cancel(
                earlier, actor=self._services.actor, reason=f"superseded by {by}", once=True
            )
        crash_point("supersede.after")

    def waits(self) -> Mapping[str, Waits]:
        """See `Engine.waits`."""
        from orchestrate.embedded import locks

        return locks.waits(self._directory, self._services.capacity)

    def complete(self, workflow: str, *, actor: str, force: bool, reason: str = "") -> None:
        """See `Engine.complete`."""
        self.control.complete(workflow, actor=actor, force=force, reason=reason)

    def answer(self, workflow: str, path: str, answer: "Answer", approver: "Approver") -> bool:
        """See `Engine.answer`."""
        from orchestrate.embedded import approving

        return approving.give(self.control, self.store, self.row(workflow), path, answer, approver)

    def approvals(self, workflow: str) -> "Sequence[ApprovalView]":
        """See `Engine.approvals`."""
        from orchestrate.embedded import approving

        return tuple(approving.view_of(self.store, self.row(workflow)).approvals.values())

    @property
    def control(self) -> "Control":
        """What is asked of workflows, whoever runs them."""
        from orchestrate.embedded.control import Control

        return Control(self.hosting, self._finish)

    # Looking

    def get(self, workflow: str) -> Summary:
        """See `Engine.get`."""
        return self.row(workflow).summary

    def find(self, which: Filter) -> Sequence[Summary]:
        """See `Engine.find`."""
        if not self.has_store:
            return ()
        return self.store.reading(lambda c: listing.find(c, which))

    def plan(self, workflow: str) -> Plan:
        """See `Engine.plan`."""
        row = self.row(workflow)
        return self.store.reading(lambda c: listing.plan(c, row.number))

    def events(self, workflow: str, after: int = 0, limit: int = 1000) -> Sequence[Event]:
        """See `Engine.events`."""
        row = self.row(workflow)
        return self.store.reading(lambda c: journal.page(c, row.number, after, limit))

    def follow(self, workflow: str, after: int = 0) -> Iterator[Event]:
        """See `Engine.follow`."""
        from orchestrate.embedded import following

        return following.follow(self.store, self.row(workflow), after)

    def changes(self) -> Iterator[None]:
        """See `Engine.changes`."""
        from orchestrate.embedded import following

        return following.changes(self.store)

    def output(
        self, workflow: str, path: str | None = None, *, tail: int | None = None
    ) -> Iterator[LogPiece]:
        """See `Engine.output`."""
        from orchestrate.embedded import following

        folder = workflow_folder(self._directory, workflow)
        return following.output(self.store, self.row(workflow), folder, path, tail)

    def part_of_output(
        self, workflow: str, attempt: int, first: int | None, length: int
    ) -> OutputPart:
        """See `Engine.part_of_output`."""
        from orchestrate.embedded import following

        log = workflow_folder(self._directory, workflow) / str(attempt)
        return following.part_of_output(log, first, length)

    def follow_output(self, workflow: str, path: str | None = None) -> Iterator[LogPiece]:
        """See `Engine.follow_output`."""
        from orchestrate.embedded import following

        folder = workflow_folder(self._directory, workflow)
        return following.follow_output(self.store, self.row(workflow), folder, path)

    def row(self, workflow: str) -> Row:
        """A workflow's row. Raises NotFoundError."""
        if not self.has_store:
            raise listing.missing(workflow)
        return self.store.reading(lambda c: listing.get(c, workflow))

    def program(self, row: Row) -> Program:
        """What a workflow interprets."""
        known = self._programs.get(row.summary.id)
        return known if known is not None else listing.load(self.store.reader, row)

    def secrets_of(self, program: Program, given: dict[str, str]) -> dict[str, str]:
        """The values of a workflow's secrets: given now, given when it was created, or found."""
        known = self._secrets.setdefault(program.workflow, {})
        known.update(given)
        if missing := [secret for secret in program.plan.secrets if secret.name not in known]:
            known.update(self._services.resolve_secrets(missing))
        return known

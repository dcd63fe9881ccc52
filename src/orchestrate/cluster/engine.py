"""The port `Engine` over a Temporal cluster. Workers run workflows; this side asks and looks."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property, partial
from typing import Any, NamedTuple

from orchestrate.cluster import admission, names
from orchestrate.cluster.connection import Connection
from orchestrate.cluster.coordinating import successes
from orchestrate.cluster.coordinating.asking import Sharing
from orchestrate.cluster.coordinating.people import ClusterCoordination
from orchestrate.cluster.coordinating.settings import Settings as SharedSettings
from orchestrate.cluster.coordinating.sharing import Grace, Shares
from orchestrate.cluster.errors import UnansweredError
from orchestrate.cluster.hosting.hosted import About
from orchestrate.cluster.looking import following, listing, output, searching
from orchestrate.cluster.looking.glimpses import Memory
from orchestrate.cluster.looking.people import Present
from orchestrate.cluster.looking.reading import Found, Reader
from orchestrate.cluster.outlasting import Notice, Outlasting
from orchestrate.cluster.payloads import Data, pack_plan, unpack_plan
from orchestrate.cluster.requests import Requests
from orchestrate.cluster.resume import Resumes
from orchestrate.cluster.serving.deliveries import expect_deliveries
from orchestrate.cluster.serving.events import expect_events
from orchestrate.cluster.shipping.sending import Sender, Shipment
from orchestrate.cluster.storing.safes import Safes
from orchestrate.errors import ConflictError, NotFoundError
from orchestrate.launching.asking import Asker
from orchestrate.playbook.plan import Json, Plan
from orchestrate.processes.output_log import Tail
from orchestrate.workflow.answering import judge
from orchestrate.workflow.approval_views import ApprovalView
from orchestrate.workflow.approvals import Answer, Approver
from orchestrate.workflow.creating import created
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
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.outcomes import State
from orchestrate.workflow.refusing import refuse_unmet
from orchestrate.workflow.resume_request import rewrites
from orchestrate.workflow.state import fold


class ClusterSettings(NamedTuple):
    """What workflows are made with."""

    pool: str = names.DEFAULT_POOL
    """Where steps run that name none."""
    heartbeat: float = 10.0
    """Seconds without a sign of life after which a worker counts as lost."""
    lease: float = 60.0
    """Seconds in which a lost worker may come back and take its steps up again."""
    actor: str = ""
    origin: Mapping[str, Json] = {}
    """From where that one asks, for the audit."""
    longest_run: int = 4096
    """Events of a Temporal history after which a new run takes over."""
    shared: SharedSettings | None = None
    """What the project says of that which its workflows share; None: nothing new."""
    kill_grace: float = 10.0
    """Seconds that workers leave a step between TERM and KILL."""
    project: str = ""
    """The name of the project's folder, as others are told of it."""


class ClusterEngine:
    """Implements `workflow.engine.Engine`. Close it."""

    def __init__(
        self,
        connection: Connection,
        settings: ClusterSettings,
        sender: Sender | None = None,
        notice: Notice | None = None,
    ) -> None:
        """`sender` sends the project's files along; without it workers use those that they have.
        `notice` hears for whom a new workflow waits while workers are busy or away; without it
        nobody waits for them.
        """
        self._connection = connection
        self._settings = settings
        self._sender = sender
        self._reader = Reader(connection.client)
        self._memory = Memory()
        self._present = Present()
        outlasting = Outlasting(connection.client, notice)
        self._requests = Requests(connection, self._reader, outlasting, settings.origin)
        grace = Grace(settings.heartbeat, settings.lease, settings.kill_grace)
        self._shares = Shares(connection, settings.shared, grace, settings.actor, outlasting)
        self._safes = Safes(connection.client)
        self._resumes = Resumes(self._requests, self._shares, sender, self._about, self._safe)

    def attended_by(self, asker: Asker | None, *, stays: bool) -> None:
        """Who is there while workflows are run: see `Present`."""
        self._present = Present(asker, stays)

    def close(self) -> None:
        """Let go of the connection. Workflows go on."""
        self._connection.close()

    # Running

    def create(self, new: NewWorkflow) -> tuple[str, bool]:
        """See `Engine.create`."""
        values = self._secret_parameters(new.plan, new.secret_values)
        refuse_unmet(new, partial(self._has_succeeded, new.plan))
        expect_events(self._connection, new.plan)
        expect_deliveries(self._connection, new.told)
        shipment = None if self._sender is None else self._sender.prepare(new.plan)
        sharing = self._shares.prepare(new.plan, created(new))
        while True:
            identity = self._requests.allocate(new.idempotency_key)
            if new.idempotency_key is not None and self._exists(identity):
                return identity, False
            self._shares.admit(identity, sharing, waits=new.waits)
            if self._start(identity, new, sharing, shipment, values):
                return identity, True
            if new.idempotency_key is not None:
                return identity, False

    def made_for(self, key: str) -> str | None:
        """See `Engine.made_for`."""
        return self._requests.made_for(key)

    def _exists(self, workflow: str) -> bool:
        with suppress(NotFoundError):
            self._find(workflow)
            return True
        return False

    def _has_succeeded(self, plan: Plan, environment: str) -> bool:
        asked = successes.has_succeeded(self._connection.client, self._reader, plan, environment)
        return self._connection.wait(asked)

    def _start(
        self,
        identity: str,
        new: NewWorkflow,
        sharing: Sharing,
        shipment: Shipment | None,
        secrets: Mapping[str, str],
    ) -> bool:
        files = None if shipment is None else shipment.send(identity)
        safe = self._put_away(identity, secrets)
        now = time.time()
        first = Event(1, now, EventType.WORKFLOW_CREATED, "", created(new))
        about = self._about(identity, new.parameters, files=files, sharing=sharing, safe=safe)
        memo: Data = {
            "playbook": new.plan.name,
            "state": str(State.QUEUED),
            "environment": new.environment,
            "parameters": new.parameters,
            "created_at": now,
            "started_at": None,
            "finished_at": None,
            "actor": new.actor,
            "reason": "",
            "resume_at": None,
            **successes.told(new.plan, new.options),
        }
        return self._requests.launch(about, pack_plan(new.plan), [first], memo)

    def _secret_parameters(self, plan: Plan, values: Mapping[str, str]) -> Mapping[str, str]:
        return admission.secret_parameters(plan, values, can_seal=self._safes.are_offered)

    def _safe(self, workflow: str, plan: Plan, values: Mapping[str, str]) -> str | None:
        """Where the values are with which a workflow goes on, if there are any."""
        return self._put_away(workflow, self._secret_parameters(plan, values))

    def _put_away(self, workflow: str, secrets: Mapping[str, str]) -> str | None:
        return self._connection.wait(self._safes.put(secrets, workflow)) if secrets else None

    @cached_property
    def _is_searchable(self) -> bool:
        return self._connection.wait(searching.are_registered(self._connection.client))

    def _about(self, identity: str, parameters: Mapping[str, Any], **more: Any) -> About:
        settings = self._settings
        return About(
            identity,
            parameters,
            settings.pool,
            settings.heartbeat,
            settings.lease,
            settings.longest_run,
            searchable=self._is_searchable,
            project=settings.project,
            **more,
        )

    @property
    def connection(self) -> Connection:
        """The way to the cluster, for what serves the whole project."""
        return self._connection

    def run(self, workflow: str, observer: Observer | None = None) -> Ended:
        """See `Engine.run`."""
        self.begin(workflow)
        return self._attend(workflow, 0, observer)

    def _attend(self, workflow: str, after: int, observer: Observer | None) -> Ended:
        return following.attend(self._attending(workflow, after)._replace(known=True), observer)

    def begin(self, workflow: str) -> None:
        """Have a workflow that was made begin, and come back at once. Raises ConflictError."""
        found = self._find(workflow)
        if found.closed:
            raise ConflictError(
                f"{workflow} was started before (state: {found.summary.state})",
                hint=f"Continue it with `orchestrate resume --workflow {workflow}`.",
            )
        with suppress(UnansweredError):  # it was asked, and begins as soon as a worker has time
            self._requests.ask(found, "begin", {})

    def _attending(self, workflow: str, after: int = 0) -> following.Attending:
        def cancel(identity: str) -> None:
            asked: Data = {"actor": self._settings.actor, "reason": "interrupted"}
            self._requests.ask(self._find(workflow), "cancel", asked, identity)

        def resolve(path: str, choice: str) -> None:
            asked: Data = {"actor": self._settings.actor, "path": path, "choice": choice}
            self._requests.ask(self._find(workflow), "resolve", asked)

        who = self._connection, self._reader, self._memory
        return following.Attending(*who, workflow, after, cancel, resolve, self._present)

    def plan_resume(self, workflow: str, options: ResumeOptions) -> ResumePlan:
        """See `Engine.plan_resume`."""
        return self._resumes.plan(self._find(workflow), options)

    def resume(
        self, workflow: str, options: ResumeOptions, observer: Observer | None = None
    ) -> Ended | None:
        """See `Engine.resume`."""
        seen = self.go_on(workflow, options)
        return None if seen is None else self._attend(workflow, seen, observer)

    @staticmethod
    def _waits_for_people(found: Found, options: ResumeOptions) -> bool:
        """Whether it is only to be attended to."""
        decided = options.unknown is not None or options.compensation is not None
        is_waiting = not found.closed and found.summary.state is State.WAITING
        return is_waiting and not decided and not rewrites(options)

    def go_on(self, workflow: str, options: ResumeOptions) -> int | None:
        """Continue it, and come back at once: None if it was woken, else how many events there
        are when it goes on in a new run, or when it waits for people.
        """
        found = self._find(workflow)
        if self._waits_for_people(found, options):
            return len(self._events(found))
        if not found.closed and not rewrites(options):
            self._resumes.wake(found, options)
            return None
        return self._resumes.go_on(found, options)

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
        answer = self._requests.ask(
            self._find(workflow),
            "pause",
            {
                "actor": actor,
                "reason": reason,
                "now": now,
                "checkpoint": checkpoint,
                "resume_at": None if resume_after is None else time.time() + resume_after,
            },
        )
        return answer if isinstance(answer, str) else None

    def cancel(self, workflow: str, *, actor: str, reason: str = "") -> None:
        """See `Engine.cancel`."""
        self._requests.ask(self._find(workflow), "cancel", {"actor": actor, "reason": reason})

    def complete(self, workflow: str, *, actor: str, force: bool, reason: str = "") -> None:
        """See `Engine.complete`."""
        found = self._find(workflow)
        if not force and not found.closed:
            raise ConflictError(
                f"steps of {workflow} run or remain",
                hint="Wait until it ends, or end it now with --force.",
            )
        self._requests.ask(found, "complete", {"actor": actor, "reason": reason})

    def answer(self, workflow: str, path: str, answer: Answer, approver: Approver) -> bool:
        """See `Engine.answer`."""
        found = self._find(workflow)
        view = fold(self._events(found), workflow)
        data = judge(view, path, answer, approver, None)
        self._requests.ask(found, "reject" if answer.rejects else "approve", {**data, "path": path})
        return True

    def approvals(self, workflow: str) -> Sequence[ApprovalView]:
        """See `Engine.approvals`."""
        view = fold(self._events(self._find(workflow)), workflow)
        return tuple(view.approvals.values())

    # Looking

    def _find(self, workflow: str) -> Found:
        return self._connection.wait(self._reader.find(workflow))

    def _events(self, found: Found) -> list[Event]:
        return self._connection.wait(self._reader.events(found))

    def get(self, workflow: str) -> Summary:
        """See `Engine.get`. How far steps are Temporal has from the workers' signs of life."""
        found = self._find(workflow)
        seen = self._connection.wait(self._reader.glimpses(found))
        known = {one.path: one.percent for one in seen if one.percent is not None}
        return found.summary._replace(progress=known)

    def find(self, which: Filter) -> Sequence[Summary]:
        """See `Engine.find`."""
        return self._connection.wait(listing.find(self._connection.client, self._reader, which))

    def waits(self) -> Mapping[str, Waits]:
        """See `Engine.waits`."""
        return self._connection.wait(self._shares.coordinator.waits())

    @property
    def coordination(self) -> ClusterCoordination:
        """Locks, capacity and places of all workflows."""
        shared, origin = self._settings.shared, self._settings.origin
        return ClusterCoordination(self._connection, self._reader, shared, origin)

    def plan(self, workflow: str) -> Plan:
        """See `Engine.plan`."""
        packed = self._connection.wait(self._reader.packed_plan(self._find(workflow)))
        return unpack_plan(packed)

    def events(self, workflow: str, after: int = 0, limit: int = 1000) -> Sequence[Event]:
        """See `Engine.events`."""
        attending = self._attending(workflow)
        found = attending.find()
        events: list[Event] = []
        while len(events) < limit:
            page = attending.page(found, after)
            events += page.events
            if not page.more:
                break
            after = page.events[-1].seq
        return events[:limit]

    def follow(self, workflow: str, after: int = 0) -> Iterator[Event]:
        """See `Engine.follow`."""
        return following.follow(self._attending(workflow, after))

    def changes(self) -> Iterator[None]:
        """See `Engine.changes`. Temporal has no word for "anything": this looks twice a second."""
        while True:
            yield
            time.sleep(0.5)

    def output(
        self, workflow: str, path: str | None = None, *, tail: int | None = None
    ) -> Iterator[LogPiece]:
        """See `Engine.output`."""
        return output.read(self._attending(workflow), path, tail)

    def end_of_output(self, workflow: str, attempt: int) -> Tail:
        """The end of what an attempt wrote so far: what is known without its worker, if that is
        anything; nothing if the worker does not answer.
        """
        return output.end_of(self._attending(workflow), attempt)

    def part_of_output(
        self, workflow: str, attempt: int, first: int | None, length: int
    ) -> OutputPart:
        """See `Engine.part_of_output`. Raises ClusterError if its worker does not answer."""
        return output.part_of(self._attending(workflow), attempt, first, length)

    def follow_output(self, workflow: str, path: str | None = None) -> Iterator[LogPiece]:
        """See `Engine.follow_output`."""
        return output.follow(self._attending(workflow), path)

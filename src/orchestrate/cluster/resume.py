"""Workflows that go on: woken while they are open, otherwise in a new run."""

import base64
import math
import time
from collections.abc import Callable, Mapping, Sequence

from orchestrate.cluster.coordinating import successes
from orchestrate.cluster.coordinating.sharing import Shares
from orchestrate.cluster.hosting.hosted import About
from orchestrate.cluster.looking.reading import Found
from orchestrate.cluster.payloads import Data, pack_plan
from orchestrate.cluster.requests import Requests
from orchestrate.cluster.shipping.sending import Sender
from orchestrate.cluster.storing.blobs import Ref
from orchestrate.errors import ConflictError
from orchestrate.playbook.plan import Plan
from orchestrate.workflow.audit import attributed
from orchestrate.workflow.creating import program_of
from orchestrate.workflow.engine import ResumeOptions, ResumePlan
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.outcomes import State
from orchestrate.workflow.resume_request import check_resumable, decisions, resumed_data
from orchestrate.workflow.resuming import NewEvent, plan_resume
from orchestrate.workflow.state import fold


class Resumes:
    """What `ClusterEngine.resume` does."""

    def __init__(
        self,
        requests: Requests,
        shares: Shares,
        sender: Sender | None,
        about: Callable[..., About],
        safe: Callable[[str, Plan, Mapping[str, str]], str | None],
    ) -> None:
        """`about` makes what a new run is told, of an id, parameters and what differs; `safe` puts
        the values of a workflow's secret parameters away.
        """
        self._requests = requests
        self._connection = requests.connection
        self._reader = requests.reader
        self._shares = shares
        self._sender = sender
        self._about = about
        self._safe = safe

    def plan(self, found: Found, options: ResumeOptions) -> ResumePlan:
        """What would happen."""
        return self._planned(found, options)[0]

    def wake(self, found: Found, options: ResumeOptions) -> None:
        """Have an open one go on, or what waits in it decided. Raises ConflictError."""
        workflow = found.summary.id
        asked: Data = {"actor": options.actor}
        if options.unknown is not None or options.compensation is not None:
            view = fold(self._connection.wait(self._reader.events(found)), workflow)
            for path, choice in decisions(view, options).items():
                self._requests.ask(found, "resolve", {**asked, "path": path, "choice": choice})
        elif found.summary.state is State.PAUSED:
            self._requests.ask(found, "unpause", asked)
        elif found.summary.state is State.WAITING:
            pass  # for people: it goes on by itself as soon as they have decided
        else:
            raise ConflictError(
                f"{workflow} is {found.summary.state}",
                hint=f"Follow it with `orchestrate logs --workflow {workflow} --follow`.",
            )

    def go_on(self, found: Found, options: ResumeOptions) -> int:
        """Let it go on in a new run; how many events there are then. Raises ConflictError."""
        workflow = found.summary.id
        if found.closed:
            check_resumable(workflow, found.summary.state, options)
        resume, changes, events = self._planned(found, options)
        self._check_gone(found, events)
        if resume.needs_yes and not options.jump:
            raise ConflictError(
                f"steps of {workflow} that never ran would be jumped over",
                hint="Look at them with `orchestrate resume` on a terminal, or pass --yes.",
            )
        known = found.summary.parameters
        before = {name: known[name] for name in options.parameters if name in known}
        told = {**resumed_data(options), **({"before": {"parameters": before}} if before else {})}
        origin, state = self._requests.origin, found.summary.state
        added: list[NewEvent] = [
            (kind, path, attributed(kind, data, origin, state))
            for kind, path, data in ((EventType.RESUMED, "", told), *changes)
        ]
        if found.closed:
            self._start_again(found, options, events, added)
        else:
            self._rewrite(found, options, events, added)
        return len(events) + len(added)

    def _planned(
        self, found: Found, options: ResumeOptions
    ) -> tuple[ResumePlan, list[NewEvent], list[Event]]:
        events = self._connection.wait(self._reader.events(found))
        plan = self._connection.wait(self._reader.plan(found))
        program = program_of(found.summary.id, plan, events[0])
        program = program._replace(parameters=found.summary.parameters)
        resume, changes = plan_resume(program, events, options)
        return resume, changes, events

    def _check_gone(self, found: Found, events: Sequence[Event]) -> None:
        """Raise ConflictError if steps of one that was ended from outside may still run: nobody has
        told their workers, which give them up as if they had lost touch.
        """
        closed = found.description.close_time
        if not found.abrupt or closed is None or not _open_attempts(events):
            return
        heartbeat, lease = self._connection.wait(self._reader.patience(found))
        grace = self._shares.grace._replace(heartbeat=heartbeat, lease=lease)
        left = closed.timestamp() + grace.linger - time.time()
        if left > 0:
            workflow = found.summary.id
            raise ConflictError(
                f"{workflow} was {found.summary.reason}: steps that it left may go on for "
                f"{math.ceil(left)} s more, and would run twice",
                hint=f"After that: `orchestrate resume --workflow {workflow}`. They are ended "
                "when `[engine] worker_lease` is over.",
            )

    def _changed(self, found: Found, options: ResumeOptions, first: Event) -> tuple[About, bytes]:
        parameters = {**found.summary.parameters, **options.parameters}
        plan = options.changed_plan or self._connection.wait(self._reader.plan(found))
        about = self._about(
            found.summary.id,
            parameters,
            actor=options.actor,
            begun=True,
            unknown=options.unknown,
            files=self._files(found, options.changed_plan),
            sharing=self._shares.prepare(plan, first.data, resumed=True),
            safe=self._safe(found.summary.id, plan, options.secret_values),
        )
        if options.changed_plan is not None:
            return about, pack_plan(options.changed_plan)
        return about, self._connection.wait(self._reader.packed_plan(found))

    def _files(self, found: Found, changed: Plan | None) -> Ref | None:
        """From which files a workflow goes on: those with which it began, or with a changed
        playbook those of now.
        """
        workflow = found.summary.id
        if changed is not None:
            return self._sender and self._sender.prepare(changed).send(workflow)
        files = self._connection.wait(self._reader.files(found))
        if files is not None and found.closed and self._sender is not None:
            plan = self._connection.wait(self._reader.plan(found))
            self._sender.keep(files, plan, workflow)
        return files

    def _start_again(
        self, found: Found, options: ResumeOptions, events: list[Event], added: Sequence[NewEvent]
    ) -> None:
        """A closed workflow goes on in a new run, with its journal."""
        about, plan = self._changed(found, options, events[0])
        # One that was ended from outside may not have told of everything; what it did is known.
        about = about._replace(told=0 if found.abrupt else len(events))
        end = self._connection.wait(self._reader.end(found))
        now = time.time()
        journal = list(events)
        for kind, path, data in added:
            journal.append(Event(len(journal) + 1, now, kind, path, data))
        memo: Data = {
            **found.summary._asdict(),
            **self._connection.wait(successes.told_before(found)),
            "parameters": about.parameters,
            "state": str(State.RUNNING),
            "reason": "",
        }
        if options.changed_plan is not None:
            memo[successes.WHOLE] = False
        if not self._requests.launch(about, plan, journal, memo, end.workers, after=found.run):
            raise ConflictError(
                f"somebody else has just resumed {found.summary.id}",
                hint=f"`orchestrate status --workflow {found.summary.id}` shows how it goes.",
            )

    def _rewrite(
        self, found: Found, options: ResumeOptions, events: list[Event], added: Sequence[NewEvent]
    ) -> None:
        """An open workflow at which nothing happens goes on in a new run."""
        about, plan = self._changed(found, options, events[0])
        changes = {
            "parameters": about.parameters,
            "actor": about.actor,
            "begun": True,
            "unknown": about.unknown,
            "files": about.files,
            "sharing": about.sharing,
        }
        if about.safe is not None:
            changes["safe"] = about.safe
        self._requests.ask(
            found,
            "rewrite",
            {
                "expected": len(events),
                "changes": [[str(kind), path, data] for kind, path, data in added],
                "about": changes,
                "plan": base64.b64encode(plan).decode(),
            },
        )


def _open_attempts(events: Sequence[Event]) -> bool:
    """Whether some attempt has begun, and not ended, as far as is known."""
    begun = {str(one.data["id"]) for one in events if one.type is EventType.ATTEMPT_STARTED}
    ended = {str(one.data["id"]) for one in events if one.type is EventType.ATTEMPT_FINISHED}
    return not begun <= ended

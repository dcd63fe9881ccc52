"""One run of a workflow: the parts that the interpreter works with, wired together."""

from collections.abc import Mapping

from orchestrate.playbook.parameters import UNDECIDED
from orchestrate.playbook.plan import Json
from orchestrate.workflow.approvals import Approvals
from orchestrate.workflow.attempts import PAUSE, Attempts
from orchestrate.workflow.claims import Claims
from orchestrate.workflow.ending import Ending, Why
from orchestrate.workflow.event_waits import EventWaits
from orchestrate.workflow.events import EventType
from orchestrate.workflow.gate import Gate
from orchestrate.workflow.history import History, note_key
from orchestrate.workflow.journal import Journal
from orchestrate.workflow.moments import compact, rfc3339
from orchestrate.workflow.parking import COMPENSATION, Parking
from orchestrate.workflow.program import Program
from orchestrate.workflow.runtime import Runtime
from orchestrate.workflow.scope import Scheduler, Scope
from orchestrate.workflow.selection import Selection
from orchestrate.workflow.timers import Timers

REPLAY = "replay"
LEAVING = "leaving"
PAUSED = PAUSE


class Run:
    """What one run consists of. No policy: that is the interpreter's."""

    def __init__(self, program: Program, runtime: Runtime, history: History) -> None:
        self.program = program
        self.runtime = runtime
        self.history = history
        self.scheduler = Scheduler()
        self.root = Scope(self.scheduler)
        self.journal = Journal(runtime, history)
        self.gate = Gate(program.options.max_parallel)
        self.attempts = Attempts(self.journal, runtime, history, self.gate)
        self.timers = Timers(self.journal, runtime, history)
        self.claims = Claims(self.journal, runtime, self.timers, self.gate)
        self.parking = Parking(self.journal)
        self.approvals = Approvals()
        self.event_waits = EventWaits(self.journal, runtime)
        self.selection = Selection(program.options)
        self.ending = Ending(self.root, self.timers)
        self.doubtful: list[str] = []
        """Paths of steps of which something may still be running."""
        self.attention: list[str] = []
        """Why the workflow cannot simply end as cancelled, failed or completed."""
        self.started_at = 0.0
        self.bodies: dict[str, Scope] = {}
        """Transactions whose steps run, by path."""
        self.effects = 0
        """How many steps of transactions have finished: their order."""
        self.rehearses = UNDECIDED in program.workflow
        """A rehearsal: it has no id and does not start, and values may be undecided."""

    def warn(self, path: str, message: str) -> None:
        """Tell readers of something that does not stop the run."""
        self.journal.note(EventType.WARNED, path, {"message": message})

    def need_attention(self, path: str, message: str) -> None:
        """The run will end as `needs_attention`, because of `message`."""
        self.warn(path, message)
        self.doubtful.append(path)
        self.attention.append(f"{path}: {message}" if path else message)

    def complete(self, message: str) -> None:
        """Somebody declares it done: what could not be undone stays as it is."""
        self.ending.complete(message)
        if self.ending.why is Why.COMPLETION:
            self.parking.answer_all(COMPENSATION, "skip")

    def stop_body(self, path: str) -> None:
        """The record says that this transaction was being undone from here on."""
        scope = self.bodies.get(path)
        if scope is not None:
            scope.cancel("it was being undone")

    def checkpoint(self, name: str, path: str) -> None:
        """A checkpoint after the step at `path`, unless it is recorded."""
        key = note_key(EventType.CHECKPOINT, path, {"name": name})
        if self.history.notes.pop(key, None) is None:
            self.journal.checkpoint(name, path)

    def built_ins(self) -> Mapping[str, Json]:
        """The built-in names that do not depend on the place."""
        program = self.program
        started_at: Json = rfc3339(self.started_at)
        timestamp = compact(self.started_at)
        if self.rehearses:
            from orchestrate.playbook.undecided import undecided

            started_at, timestamp = undecided("run.started_at"), undecided("timestamp")
        return {
            "env": program.env,
            "run": {
                "id": program.workflow,
                "actor": program.actor,
                "environment": program.environment,
                "started_at": started_at,
            },
            "environment": program.environment,
            "timestamp": timestamp,
        }

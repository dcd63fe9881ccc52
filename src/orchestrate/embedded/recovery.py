"""Finding out what became of attempts that earlier owners started.

Every supervisor that the journal names is fenced first: an owner that was stopped between its
commit and the launch must find its launch refused when it goes on.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, cast

from orchestrate.embedded.runtime import EmbeddedRuntime
from orchestrate.launching.supervision import Fenced, Supervision, tell
from orchestrate.processes.supervising.crash import crash_point
from orchestrate.workflow.events import Event, EventType


class Ownership(NamedTuple):
    """From event `seq` on, this supervisor started attempts."""

    seq: int
    supervisor: str


class Recovery:
    """Watches the history go by, fences its supervisors, then answers for attempts left open."""

    def __init__(
        self,
        workflow: str,
        epoch: int,
        supervision: Supervision,
        secrets_used: Callable[[Sequence[str]], None],
    ) -> None:
        """`secrets_used` is told which secrets steps had before."""
        self._secrets_used = secrets_used
        self._workflow = workflow
        self._epoch = epoch
        self._supervision = supervision
        self._owners: list[Ownership] = []
        self._fenced: dict[str, Fenced] = {}
        self._was_here = False
        """An earlier ownership was of this process, under the supervisor that it still has."""

    def watch(self, events: Iterator[Event]) -> Iterator[Event]:
        """The same events; remembers who owned the workflow when."""
        for event in events:
            if event.type is EventType.OWNED:
                name = str(event.data["supervisor"])
                self._owners.append(Ownership(event.seq, name))
                if name == self._supervision.own.id:
                    self._was_here |= event.data["epoch"] != self._epoch
                else:
                    self._fence(name)
            elif event.type is EventType.ATTEMPT_STARTED and "secrets" in event.data:
                self._secrets_used(cast("list[str]", event.data["secrets"]))
            yield event
        crash_point("recover.fenced")

    def _fence(self, name: str) -> None:
        """Fence an earlier supervisor. A verb that only wrote something down had none."""
        if name and name not in self._fenced:
            self._fenced[name] = self._supervision.fence(name, self._workflow, self._epoch)

    def answer(self, runtime: EmbeddedRuntime) -> None:
        """Tell the workflow about every attempt that was started and not finished."""
        open_ended, runtime.recovering = runtime.recovering, []
        if open_ended and self._was_here:
            # Not before: nobody but this process launches there, and what it let go it does not.
            self._fence(self._supervision.own.id)
        for attempt, _ in open_ended:
            tell(runtime, f"{self._workflow}/{attempt}", self._judges(attempt))

    def _judges(self, attempt: int) -> list[Fenced]:
        """Supervisors that may have had an attempt: that of the owner who recorded its start, and
        later ones, for an attempt that proved never started is performed by whoever found that
        out. Our own has not started anything yet in this ownership.
        """
        first = max((i for i, o in enumerate(self._owners) if o.seq < attempt), default=0)
        names = dict.fromkeys(owner.supervisor for owner in self._owners[first:])
        return [self._fenced[name] for name in names if name in self._fenced]

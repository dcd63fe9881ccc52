"""What a supervisor knows of workflows and attempts: who may ask, what runs, what ended."""

_MOST_REMEMBERED = 2_000
"""Attempts that are remembered so that a repeated one is refused; workflows whose epochs are.

A request that comes late was on its way when its engine was stopped, or its workflow taken over: it
is about what was open then, or was taken over, which is not forgotten as long as that engine is
connected. A supervisor of a daemon would remember the workflows of years.
"""
_LARGE = 900
"""Reports longer than this may have left a file beside their record."""


class Running:
    """An attempt in a slot."""

    __slots__ = ("index", "workflow")

    def __init__(self, workflow: str, index: int) -> None:
        self.workflow = workflow
        self.index = index


class End:
    """An attempt that ended and was not acknowledged."""

    __slots__ = ("index", "report", "workflow")

    def __init__(self, workflow: str, index: int, report: bytes) -> None:
        self.workflow = workflow
        self.index = index
        self.report = report

    @property
    def is_large(self) -> bool:
        """Whether it may have left an outcome file."""
        return len(self.report) > _LARGE


class Ledger:
    """Epochs, owners and attempts. Owners are compared by identity only."""

    def __init__(self) -> None:
        self.running: dict[str, Running] = {}
        self.ends: dict[str, End] = {}
        self._epochs: dict[str, int] = {}
        self._owners: dict[str, object] = {}
        self._seen: dict[str, None] = {}
        self.starter: object = None
        """The engine that launches here, while it is connected; others only take over."""
        self._taken: set[str] = set()
        """Workflows that others took over: what the starter still sends of them is refused."""

    def admit(self, attempt: str, workflow: str, epoch: int, engine: object) -> str:
        """Whether an attempt may be launched: "" or why not. It counts as seen from now on."""
        highest = self._epochs.get(workflow, epoch)
        if epoch < highest:
            return f"another engine has taken {workflow} over (epoch {highest}, this is {epoch})"
        if attempt in self._seen or attempt in self.running or attempt in self.ends:
            return f"attempt {attempt} was launched before"
        self._own(workflow, epoch, engine)
        self._seen[attempt] = None
        if len(self._seen) > _MOST_REMEMBERED:
            del self._seen[next(iter(self._seen))]
        return ""

    def forget(self, attempt: str) -> None:
        """It was admitted, but there was no room for it."""
        self._seen.pop(attempt, None)

    def begin(self, attempt: str, workflow: str, index: int) -> None:
        """It is in a slot now."""
        self.running[attempt] = Running(workflow, index)

    def end(self, attempt: str, report: bytes) -> None:
        """It has ended; the report is kept until it is acknowledged."""
        running = self.running.pop(attempt)
        self.ends[attempt] = End(running.workflow, running.index, report)

    def settle(self, attempt: str) -> End | None:
        """Its end is durable elsewhere."""
        return self.ends.pop(attempt, None)

    def fence(self, workflow: str, epoch: int, engine: object) -> int:
        """Make `engine` the owner unless a higher epoch was seen. Gives the highest epoch."""
        highest = max(epoch, self._epochs.get(workflow, epoch))
        if highest == epoch:
            self._own(workflow, epoch, engine)
        return highest

    def _own(self, workflow: str, epoch: int, engine: object) -> None:
        """The latest one is the last to be forgotten; one of which something is open never is, nor
        one of which the starter may still launch what it had written down before it lost it.
        """
        if self.starter is not None and engine is not self.starter:
            self._taken.add(workflow)
        self._epochs.pop(workflow, None)
        self._epochs[workflow] = epoch
        self._owners[workflow] = engine
        for _ in range(2):  # so that those that were passed over are made up for
            if len(self._epochs) <= _MOST_REMEMBERED:
                return
            oldest = next(iter(self._epochs))
            known = self._epochs.pop(oldest)
            if oldest in self._taken or self.open_attempts(oldest):
                self._epochs[oldest] = known
            else:
                self._owners.pop(oldest, None)

    def open_attempts(self, workflow: str) -> tuple[str, ...]:
        """What runs or was not acknowledged."""
        return tuple(
            attempt
            for attempt, entry in (*self.running.items(), *self.ends.items())
            if entry.workflow == workflow
        )

    def owner_of(self, attempt: str) -> object:
        """The engine that hears of an attempt; None if it is gone."""
        entry = self.running.get(attempt) or self.ends.get(attempt)
        return self._owners.get(entry.workflow) if entry is not None else None

    def forget_engine(self, engine: object) -> None:
        """It has disconnected. Its epochs stay."""
        if engine is self.starter:
            self.starter = None
            self._taken.clear()
        for workflow in [name for name, owner in self._owners.items() if owner is engine]:
            del self._owners[workflow]

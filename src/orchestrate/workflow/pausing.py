"""The pause of a workflow: asked for, come to, over."""

from collections.abc import Mapping

from orchestrate.playbook.plan import Json
from orchestrate.workflow.events import EventType
from orchestrate.workflow.history import History
from orchestrate.workflow.run import PAUSED, Run
from orchestrate.workflow.runtime import Runtime

UNPAUSE = "unpause"
"""The subject of the timer that ends a pause by itself."""


class Pausing:
    """The pause that a workflow has or has not. While it has one, nothing starts."""

    def __init__(self, run: Run, runtime: Runtime, history: History) -> None:
        self._run = run
        self._runtime = runtime
        self._history = history
        self._asked: Mapping[str, Json] | None = None
        self._come = False
        """Nothing runs any more, and that is recorded."""

    def __bool__(self) -> bool:
        """Whether somebody asked for a pause that is not over."""
        return self._asked is not None

    @property
    def ends_by_itself(self) -> bool:
        """Whether a moment was given for its end."""
        return self._asked is not None and self._asked.get("resume_at") is not None

    def restore(self) -> None:
        """What the history says."""
        pause = self._history.pause
        if pause is None:
            return
        self._asked = pause.data
        self._come = self._history.paused_noted
        self._run.gate.shut(PAUSED)
        if pause.data.get("now"):
            self._run.attempts.stop_for_pause()

    def begin(
        self, actor: str, reason: str, *, now: bool, checkpoint: bool, resume_at: float | None
    ) -> str | None:
        """Start nothing more; the id of the checkpoint if one was asked for."""
        data: dict[str, Json] = {"actor": actor, "now": now, "checkpoint": False}
        if reason:
            data["reason"] = reason
        if checkpoint:
            data["checkpoint"] = self._run.journal.next_checkpoint()
        if resume_at is not None:
            data["resume_at"] = resume_at
        self._run.journal.emit(EventType.PAUSE_REQUESTED, "", data)
        self._asked, self._come = data, False
        self._run.gate.shut(PAUSED)
        if now:
            self._run.attempts.stop_for_pause()
        self.set_timer()
        return str(data["checkpoint"]) if checkpoint else None

    def set_timer(self) -> None:
        """Have it end by itself if a moment was given."""
        resume_at = self._asked.get("resume_at") if self._asked else None
        if isinstance(resume_at, int | float):
            self._runtime.set_timer("", UNPAUSE, float(resume_at))

    def come_to_rest(self) -> None:
        """Record that nothing runs any more, once."""
        if self._asked is None or self._come or self._run.attempts.running:
            return
        self._come = True
        self._take_checkpoint()
        self._run.journal.emit(EventType.PAUSED, "", {})
        self._run.claims.suspend()

    def end(self, actor: str, *, automatic: bool) -> None:
        """Go on."""
        if not self._come:
            self._take_checkpoint()
        data: dict[str, Json] = {"actor": actor, "automatic": automatic}
        self._run.journal.emit(EventType.UNPAUSED, "", data)
        self._asked = None
        self._runtime.clear_timer("", UNPAUSE)
        self._run.attempts.end_pause()
        self._run.claims.go_on()
        self._run.gate.open(PAUSED)

    def _take_checkpoint(self) -> None:
        checkpoint = self._asked.get("checkpoint") if self._asked else None
        taken = self._history.checkpoint_ids
        if isinstance(checkpoint, str) and checkpoint not in taken:
            taken.add(checkpoint)
            self._run.journal.checkpoint("pause", None, id=checkpoint)

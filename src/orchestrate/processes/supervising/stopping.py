"""Ends a process tree: TERM to all of it, some grace, then KILL until nothing is left.

On Linux the caller is a subreaper: whatever the tree does (forks twice, leaves its session, changes
its group, forks faster than it is killed), its orphans become children of the caller, and having no
child any more proves that it is gone.
"""

import os
import signal

from orchestrate.processes.supervising.system import system

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_BURST = 0.05
"""Seconds that one call kills without looking after anything else."""
PATIENCE = 5.0
"""Seconds after the first KILL until what is still there counts as a survivor."""
_PAUSE = 0.01


class Stopping:
    """The end of everything below this process, driven by `step`."""

    def __init__(self, grace: float, without: "Callable[[], frozenset[int]]" = frozenset) -> None:
        """`without()`: children that are none of it (slots of a supervisor)."""
        self._without = without
        self.survivors: tuple[int, ...] = ()
        self.given_up = False
        self._kill_at = system.elapsed() + max(0.0, grace)
        self._give_up_at = self._kill_at + PATIENCE
        if grace > 0:
            self._signal_all(signal.SIGTERM)
            # A stopped process cannot handle TERM before it is continued.
            self._signal_all(signal.SIGCONT)

    def hurry(self) -> None:
        """No more grace."""
        now = system.elapsed()
        if self._kill_at > now:
            self._kill_at = now
            self._give_up_at = now + PATIENCE

    def pause(self) -> float:
        """Seconds until `step` should be called again."""
        remaining = self._kill_at - system.elapsed()
        return max(_PAUSE, min(remaining, 0.05))

    def step(self, reap: "Callable[[], bool]") -> None:
        """Do what is due. `reap()` collects ended children and says whether none is left."""
        now = system.elapsed()
        if now < self._kill_at:
            return
        burst_ends = now + _BURST
        while True:
            self._signal_all(signal.SIGKILL)
            if reap():
                return
            now = system.elapsed()
            if now >= burst_ends:
                break
        if now >= self._give_up_at:
            self.survivors = tuple(pid for pid, _ in self._tree() if system.is_running(pid))
            self.given_up = True

    def _tree(self) -> list[tuple[int, int]]:
        return system.descendants(os.getpid(), self._without())

    def _signal_all(self, number: int) -> None:
        own = os.getpid()
        for pid, parent in self._tree():
            # If the parent died since, its children moved up to this process. Any other parent
            # means that the number was given to a stranger.
            system.signal_process(
                pid, number, lambda pid, parent=parent: system.parent(pid) in (parent, own)
            )

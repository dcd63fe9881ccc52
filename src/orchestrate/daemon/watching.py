"""Watches files for triggers of `type: file`.

The system only hints that something happened near a pattern; what happened is the difference
between the files that are there and those that the store remembers. So nothing is lost while no
daemon runs, and nothing is told twice: an event is put into the inbox in the transaction that
remembers the file.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from orchestrate.daemon.log import Log
from orchestrate.daemon.triggers import Triggers
from orchestrate.embedded.watched import Change, Seen, Watched
from orchestrate.playbook.triggers import FileTrigger
from orchestrate.triggers.cloud_events import FILES

MOST = 10_000
"""Files of one pattern; more are left aside, and that is said."""
_AGAIN = 15.0
"""Seconds after which patterns are looked at without a hint: network file systems give none."""


class Watch(NamedTuple):
    """A trigger's pattern. `name` is what the store knows it by."""

    name: str
    trigger: FileTrigger


class Watching:
    """The file triggers of one daemon. Used in its thread; `wake` is called from another."""

    def __init__(
        self, root: Path, triggers: Triggers, watched: Watched, wake: Callable[[], None], log: Log
    ) -> None:
        self._root = root
        self._triggers = triggers
        self._watched = watched
        self._wake = wake
        self._log = log
        self._watches: list[Watch] = []
        self._settling: dict[tuple[str, str], tuple[Seen, float]] = {}
        """Files that differ, with how they were when they were last looked at, and since when."""
        self._hinted = threading.Event()
        self._next_look = 0.0
        self._said: set[tuple[str, str]] = set()
        self._stop: threading.Event | None = None

    def change(self) -> None:
        """The triggers are others than before."""
        found = (one for one in self._triggers.declared.all())
        self._watches = [
            Watch(f"{FILES}{one.at}", one.trigger)
            for one in found
            if isinstance(one.trigger, FileTrigger)
        ]
        for watch in self._watches:
            if self._watched.begin(watch.name, watch.trigger.pattern, self._files(watch)):
                self._log("watching", trigger=watch.name.removeprefix(FILES),
                          path=watch.trigger.pattern)  # fmt: skip
        self._watched.forget([watch.name for watch in self._watches])
        self._next_look = 0.0
        self._listen()

    def tick(self) -> float | None:
        """Look, if there is a reason to; the seconds until there is one again."""
        if not self._watches:
            return None
        now = time.monotonic()
        if self._hinted.is_set() or now >= self._next_look:
            self._hinted.clear()
            waits = [self._look(watch, now) for watch in self._watches]
            self._next_look = now + min([_AGAIN, *(wait for wait in waits if wait is not None)])
        return max(0.0, self._next_look - now)

    def stop(self) -> None:
        """Watch no more."""
        if self._stop is not None:
            self._stop.set()
            self._stop = None

    def _look(self, watch: Watch, now: float) -> float | None:
        """Tell what has changed and stood still since; the seconds until something may have."""
        known = self._watched.known(watch.name)
        there = self._files(watch)
        changes: list[Change] = []
        soonest: float | None = None
        for path in sorted(there.keys() | known.keys()):
            before, after = known.get(path), there.get(path)
            key = (watch.name, path)
            if before == after:
                self._settling.pop(key, None)
                continue
            if after is not None:
                seen, since = self._settling.get(key, (None, now))
                if seen != after:
                    since = now
                self._settling[key] = (after, since)
                left = since + watch.trigger.settle - now
                if left > 0:
                    soonest = left if soonest is None else min(soonest, left)
                    continue
            self._settling.pop(key, None)
            kind = "created" if before is None else "removed" if after is None else "changed"
            changes.append(Change(path, before, after, kind, told=kind in watch.trigger.on))
        if changes:
            self._watched.record(watch.name, changes, time.time())
        return soonest

    def _files(self, watch: Watch) -> Mapping[str, Seen]:
        pattern = Path(watch.trigger.pattern).expanduser()
        base, rest = _fixed(self._root / pattern)
        found: dict[str, Seen] = {}
        for path in base.glob(rest) if rest else (base,):
            try:
                state = path.stat()
                str(path).encode()
            except OSError:
                continue  # gone meanwhile
            except UnicodeEncodeError:
                self._log_once(watch, f"{path!r} is no text")
                continue
            if path.is_file():
                found[str(path)] = Seen(state.st_mtime_ns, state.st_size)
            if len(found) >= MOST:
                self._log_once(watch, f"there are more than {MOST} files")
                break
        return found

    def _log_once(self, watch: Watch, reason: str) -> None:
        if (watch.name, reason) not in self._said:
            self._said.add((watch.name, reason))
            self._log("not all is watched", trigger=watch.name.removeprefix(FILES), reason=reason)

    def _listen(self) -> None:
        """Have the system hint at changes in the folders of all patterns."""
        self.stop()
        folders = {_nearest(_fixed(self._root / Path(watch.trigger.pattern).expanduser())[0])
                   for watch in self._watches}  # fmt: skip
        if not folders:
            return
        if find_spec("watchfiles") is None:
            reason = "`pip install 'aither-orchestrate[watch]'`, to be told at once"
            self._log("files are looked at every 15 s", reason=reason)
            return
        self._stop = stop = threading.Event()
        threading.Thread(
            target=self._hear, args=(sorted(folders), stop), name="watching", daemon=True
        ).start()

    def _hear(self, folders: Sequence[Path], stop: threading.Event) -> None:
        from watchfiles import watch

        try:
            for _ in watch(*folders, watch_filter=None, stop_event=stop, debounce=200, step=50,
                           rust_timeout=1000, raise_interrupt=False):  # fmt: skip
                self._hinted.set()
                self._wake()
        except (OSError, RuntimeError) as error:
            self._log("files are looked at every 15 s", reason=str(error))


def _fixed(path: Path) -> tuple[Path, str]:
    """The part of a pattern before its first `*`, `?` or `[`, and the rest."""
    parts = path.parts
    for position, part in enumerate(parts):
        if any(sign in part for sign in "*?["):
            return Path(*parts[:position]), str(Path(*parts[position:]))
    return path, ""


def _nearest(path: Path) -> Path:
    """The folder itself, or the nearest one above it that exists; of a file, its folder."""
    while not path.is_dir():
        path = path.parent
    return path

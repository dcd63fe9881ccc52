"""Live updates: one reader of the store for all that listen.

Each message tells how something is now, not how it became so: whoever misses one has missed nothing
when the next comes. Who reads too slowly is cut off, and comes back with the last id.
"""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from typing import Any, NamedTuple

from orchestrate.access.rights import EVERYTHING, Rights
from orchestrate.errors import OrchestrateError
from orchestrate.playbook.plan import Json
from orchestrate.web.changes import Changes
from orchestrate.web.engines import Engines
from orchestrate.web.standings import Standing, Standings
from orchestrate.web.veil import Veil
from orchestrate.web.waiting import Waiting
from orchestrate.workflow.engine import Engine, Filter, Summary, Waits
from orchestrate.workflow.standing import OPEN, bring_up_to_date, summary_json

_WAITING = 64
"""Messages that wait for one listener before it is cut off."""
_PAUSE = 0.1
"""Seconds between two looks at least."""
_LIST_PAUSE = 0.5
"""The same for the list."""
_PAUSES = 5
"""How much longer than a look at the list the pause after it is, where looks take long."""
_NEWEST = 100
_AGAIN = 2.0
"""Seconds after which a reader that failed tries again."""
HELLO = "hello"
"""The first event of a stream: what comes to be from here on will be told."""


class Message(NamedTuple):
    """One event of a stream."""

    event: str
    data: str
    id: int | None = None

    def encoded(self) -> bytes:
        """As server-sent events have it; `data` is one line of JSON."""
        place = "" if self.id is None else f"id: {self.id}\n"
        return f"{place}event: {self.event}\ndata: {self.data}\n\n".encode("utf-8", "replace")


class Listener:
    """One open stream. Its queue is used in the thread of its event loop."""

    def __init__(self, rights: Rights, workflow: str | None = None, seq: int = 0) -> None:
        self.rights = rights
        self.workflow = workflow
        self.seq = seq
        """The position of that workflow which it knows."""
        self.is_greeted = False
        """Whether it was told how things are now, so that all that comes to be will be told."""
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[Message | None] = asyncio.Queue(_WAITING + 1)
        self.is_cut_off = False

    def put(self, message: Message | None) -> None:
        """In the loop's thread; None ends the stream."""
        if self.is_cut_off:
            return
        if message is None or self._queue.qsize() >= _WAITING:
            self.is_cut_off = True
            message = None
        self._queue.put_nowait(message)

    def post(self, message: Message | None) -> None:
        """The same in any thread."""
        try:
            self._loop.call_soon_threadsafe(self.put, message)
        except RuntimeError:
            self.is_cut_off = True  # the loop is closed

    async def next(self, patience: float) -> Message | None:
        """The next message, or None at the end; raises TimeoutError."""
        async with asyncio.timeout(patience):
            return await self._queue.get()


def steps_message(
    summary: Summary, standing: Standing, paths: Iterable[str], waits: Waits | None, veil: Veil
) -> Message:
    """How the workflow and these steps are now. Hold the standing's lock."""
    tree = standing.tree
    known = tree.with_what_is_around(paths)
    data = {
        "seq": standing.seq,
        "workflow": veil.over(
            {
                **summary_json(summary),
                "counts": tree.counts(),
                "seq": standing.seq,
                "waits_for": standing.waits_for(waits),
            }
        ),
        "steps": [veil.over(tree.entry(path)) for path in known],
    }
    return Message("steps", _dump(data), standing.seq)


class Listed(NamedTuple):
    """A workflow in the list, and what it waits for."""

    summary: Summary
    waits: Sequence[Mapping[str, Json]]

    def to_json(self) -> dict[str, Json]:
        """As `GET /workflows` has it."""
        return {**summary_json(self.summary), "waits_for": list(self.waits)}


class _Told(NamedTuple):
    """What was told of one workflow beside its journal."""

    summary: Summary
    waits: Waits | None


class Feed:
    """Reads for all listeners, in a thread of its own while there are any."""

    def __init__(
        self, engines: Engines, standings: Standings, waiting: Waiting, log: Callable[[str], None]
    ) -> None:
        self._engines = engines
        self._standings = standings
        self._waiting = waiting
        self._log = log
        self._changed = threading.Condition()
        self._listeners: list[Listener] = []
        self._closed = False
        self._thread: threading.Thread | None = None
        self._told: dict[str, _Told] = {}
        """Of each workflow that is listened to: what was told last."""
        self._listed: dict[str, Listed] | None = None

    def add(self, listener: Listener) -> None:
        """Begin to tell it."""
        with self._changed:
            if self._closed:
                listener.put(None)
                return
            self._listeners.append(listener)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="feed", daemon=True)
                self._thread.start()
            self._changed.notify()

    def remove(self, listener: Listener) -> None:
        """Tell it no more."""
        with self._changed:
            if listener in self._listeners:
                self._listeners.remove(listener)

    def close(self) -> None:
        """End all streams."""
        with self._changed:
            self._closed = True
            listeners, self._listeners = self._listeners, []
            self._changed.notify()
        for listener in listeners:
            listener.post(None)
        if self._thread is not None:
            self._thread.join(5.0)

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._listeners and not self._closed:
                    self._told.clear()
                    self._listed = None
                    self._changed.wait()
                if self._closed:
                    return
            try:
                with self._engines.looking() as engine:
                    self._follow(engine)
            except Exception as error:  # whatever it was: else all pages would stand still
                self._log(str(error) or repr(error))
                self._send_away()
                time.sleep(_AGAIN)

    def _send_away(self) -> None:
        """Those of the list come back and read it anew: what changed meanwhile nobody tells."""
        with self._changed:
            lists = [one for one in self._listeners if one.workflow is None]
        for listener in lists:
            listener.post(None)

    def _follow(self, engine: Engine) -> None:
        """Until nobody listens any more."""
        with closing(Changes(self._engines, self._waiting)) as changes:
            self._follow_all(engine, changes)

    def _follow_all(self, engine: Engine, changes: Changes) -> None:
        list_after = 0.0
        for _ in engine.changes():
            with self._changed:
                listeners = tuple(self._listeners)
            if not listeners or self._closed:
                return
            by_workflow: dict[str | None, list[Listener]] = {}
            for listener in listeners:
                by_workflow.setdefault(listener.workflow, []).append(listener)
            lists = by_workflow.pop(None, [])
            for workflow, those in by_workflow.items():
                assert workflow is not None
                self._tell(engine, workflow, those)
            for gone in self._told.keys() - by_workflow.keys():
                del self._told[gone]
            if not lists:
                self._listed = None
            elif (begun := time.monotonic()) >= list_after:
                self._tell_lists(engine, lists)
                self._tell_changes(changes, lists)
                took = time.monotonic() - begun
                list_after = time.monotonic() + max(_LIST_PAUSE, _PAUSES * took)
            time.sleep(_PAUSE)

    def _tell(self, engine: Engine, workflow: str, listeners: list[Listener]) -> None:
        try:
            summary, standing = self._standings.of(engine, workflow)
        except OrchestrateError:  # it was pruned
            for listener in listeners:
                listener.post(None)
            return
        by_place: dict[int, list[Listener]] = {}
        for listener in listeners:
            by_place.setdefault(listener.seq, []).append(listener)
        running = dict.fromkeys(summary.progress)  # how far they are, no journal may say
        with standing.lock:
            claims = not self._engines.is_cluster and standing.tree.pending.claims
            waits = engine.waits().get(workflow, {}) if claims else None
            now = _Told(summary, waits)
            changed = self._told.get(workflow, now) != now
            self._told[workflow] = now
            if waits is not None:  # no journal says when somebody else gets what it waits for
                bring_up_to_date(standing.tree.view, waits)
                running.update(dict.fromkeys(path for path in waits if path))
            for seq, those in by_place.items():
                if seq == standing.seq and not changed:
                    those = [one for one in those if claims and not one.is_greeted]
                if not those:
                    continue
                news = standing.since(engine, seq)
                messages: dict[Rights, Message] = {}
                for listener in those:
                    listener.seq = standing.seq
                    rights = listener.rights if listener.rights.is_limited else EVERYTHING
                    if rights not in messages:
                        veil = Veil(rights, engine)
                        messages[rights] = (
                            Message("reset", _dump({"seq": standing.seq}), standing.seq)
                            if news.paths is None
                            else steps_message(
                                summary, standing, {**news.paths, **running}, waits, veil
                            )
                        )
                    listener.post(messages[rights])
        for listener in listeners:
            listener.is_greeted = True

    def _tell_lists(self, engine: Engine, listeners: list[Listener]) -> None:
        newest = {one.id: one for one in engine.find(Filter(limit=_NEWEST))}
        known = newest | {one.id: one for one in engine.find(Filter(states=OPEN, limit=500))}
        before = self._listed
        for missing in (before or {}).keys() - known.keys():
            try:
                known[missing] = engine.get(missing)
            except OrchestrateError:
                continue
        waits = {} if self._engines.is_cluster else self._waiting.of(engine, known.values())
        now = {key: Listed(one, waits.get(key, ())) for key, one in known.items()}
        self._listed = {
            key: one for key, one in now.items() if key in newest or one.summary.state in OPEN
        }
        for listener in listeners:
            if not listener.is_greeted:  # not before there is something to compare with
                listener.is_greeted = True
                listener.post(Message(HELLO, "{}"))
        changed = [] if before is None else [o for k, o in now.items() if before.get(k) != o]
        if not changed:
            return
        everything = _list_message(changed, Veil(EVERYTHING, engine))
        for listener in listeners:
            if not listener.rights.is_limited:
                listener.post(everything)
                continue
            reach = listener.rights.reach
            theirs = [o for o in changed if reach(o.summary.environment, o.summary.playbook)]
            if theirs:
                listener.post(_list_message(theirs, Veil(listener.rights, engine)))

    def _tell_changes(self, changes: Changes, listeners: list[Listener]) -> None:
        for what in changes.look():
            message = Message("changed", _dump({"what": what}))
            for listener in listeners:
                listener.post(message)


def _list_message(changed: list[Listed], veil: Veil) -> Message:
    return Message("workflows", _dump({"items": [veil.over(one.to_json()) for one in changed]}))


def _dump(data: Mapping[str, Any] | Mapping[str, Json]) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))

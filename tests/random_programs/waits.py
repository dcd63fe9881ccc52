"""The rest of the model: retries of what contains steps, waits, approvals, locks of others."""

import shlex
from collections import Counter
from collections.abc import Callable
from typing import Any

from random_programs.case import EVERY, Case, Data
from random_programs.notation import as_text
from random_programs.record import FOR_EVER, Failure, Place, Record, Result

Try = Callable[[str, Place, float], Result]


class Waits:
    """What a step waits for, and for how long. `body`, `attempt` and `shown_call` are below."""

    body: Callable[[Data, str, Place, float], Result]
    attempt: Callable[..., tuple[Result | None, float]]

    def __init__(
        self, case: Case, lost: frozenset[tuple[str, int]], again: frozenset[tuple[str, int]]
    ) -> None:
        self.case = case
        self.lost = lost
        self.again = again
        self.record = Record()
        self.asked: Counter[str] = Counter()
        """How often somebody had to decide about a path."""
        self.deadlines = 0
        """Of how many steps around the time runs."""

    # Retries

    def allowed(self, step: Data) -> int:
        """How often a step may be tried."""
        retry = step.get("retry", 0)
        return retry + 1 if isinstance(retry, int) else retry.get("attempts", 1)

    def codes(self, step: Data) -> list[int] | None:
        """Which exit codes are tried again; None: all."""
        retry = step.get("retry", 0)
        return None if isinstance(retry, int) else retry.get("on_exit_codes")

    def delay(self, step: Data, tries: int) -> float:
        """Seconds before the next try."""
        retry = step.get("retry", 0)
        if isinstance(retry, int):
            return 0.0
        seconds = retry.get("delay", 0) * retry.get("backoff", 1) ** (tries - 1)
        return min(seconds, retry.get("max_delay", FOR_EVER))

    def timed(self, step: Data, path: str, place: Place, t: float, once: Try) -> Result:
        """All tries of a step that contains steps or waits, within its `timeout`."""
        limit = t + step.get("timeout", FOR_EVER)
        inside = place._replace(cut=min(place.cut, limit))
        tries = 0
        while True:
            tries += 1
            self.deadlines += "timeout" in step
            result = once(path if tries == 1 else f"{path}[retry {tries}]", inside, t)
            self.deadlines -= "timeout" in step
            t = result.end
            over = not result.failed or tries >= self.allowed(step) or result.hopeless
            codes = self.codes(step)
            if over or inside.cut_by(t) or (codes is not None and result.code not in codes):
                break
            due = t + self.delay(step, tries)
            if due > t and inside.cut_before(due):
                result = Result("cancelled", inside.cut)
                break
            t = due
        if result.status == "cancelled" and not place.cut_by(result.end):
            failure = Failure(result.end, path, None)
            result = result._replace(status="timed_out", failure=failure)
        return result._replace(attempts=tries)

    # Locks

    def claimed(self, step: Data, path: str, place: Place, t: float) -> Result:
        """The body, once the step has its locks. Those called `taken…` somebody else has for ever;
        all others are there.
        """
        taken = [one for one in step.get("locks", ()) if str(place_name(one)).startswith("taken")]
        if not taken:
            return self.body(step, path, place, t)
        (lock,) = taken
        conflict = lock.get("on_conflict", "wait")
        over = t + lock.get("wait", FOR_EVER if conflict == "wait" else 0.0)
        if over > t and place.cut_before(over):
            return Result("cancelled", place.cut, begun=False)
        if conflict == "skip":
            return Result("skipped", over, begun=False)
        return Result("failed", over, begun=False, failure=Failure(over, path, None))

    # Waits and approvals

    def wait(self, step: Data, path: str, place: Place, t: float) -> Result:
        """For a time, until a call succeeds, or for an event."""
        if "event" in step:
            return self.event(step, path, place, t)
        if "duration" in step:
            seconds = step["duration"]
            return self.timed(step, path, place, t, lambda _, w, s: passed(w, s, seconds))
        return self.timed(step, path, place, t, lambda p, w, s: self.poll(step, p, w, s))

    def poll(self, step: Data, path: str, place: Place, t: float) -> Result:
        """Call, and if it has not succeeded, again after `interval`."""
        probe = {key: value for key, value in step.items() if key not in ("timeout", "retry")}
        number = 0
        while True:
            result = None
            while result is None:
                number += 1
                shown = self.shown_call(step, place)
                result, t = self.attempt(probe, path, number, shown, place, t)
            if result.status in ("succeeded", "cancelled"):
                return result
            due = t + step["interval"]
            if place.cut_before(due):
                return Result("cancelled", place.cut)
            t = due

    def event(self, step: Data, path: str, place: Place, t: float) -> Result:
        """The first that arrives after the beginning is the one."""
        first = self.case.arrives(step["event"])
        seconds = FOR_EVER if first is None else first + ((t - first) // EVERY + 1) * EVERY - t
        result = self.timed(step, path, place, t, lambda _, w, s: passed(w, s, seconds))
        if result.status == "timed_out" and step.get("on_timeout") == "continue":
            return result._replace(status="succeeded", failure=None, output={"received": False})
        return result._replace(output={"received": True})

    def approval(self, step: Data, path: str, place: Place, t: float) -> Result:
        """Somebody approves, or rejects, or its time is over."""
        answer = self.case.answer(step["name"])
        limit = step.get("timeout", FOR_EVER)
        what, after = answer or ("timeout", limit)
        if after > limit:
            what, after = "timeout", limit
        over = t + after
        if place.cut_before(over):
            return Result("cancelled", place.cut)
        if what == "timeout":
            what = {"continue": "approve"}.get(step.get("on_timeout", "fail"), what)
            if step.get("on_timeout") == "reject":
                what = "reject"
        if what == "approve":
            return Result("succeeded", over)
        status = "failed" if what == "reject" else "timed_out"
        return Result(status, over, failure=Failure(over, path, None))

    def shown_call(self, step: Data, place: Place) -> str:
        """The call as the journal shows it: of a command with its values, else as written."""
        for kind in ("shell", "script"):
            if kind in step:
                written: Any = step[kind]
                if kind == "shell":
                    place.render(written)  # each expression in it must have a value
                return (written["text"] if isinstance(written, dict) else written).strip()
        words = [place.render(word) for word in step["command"].split()]
        return shlex.join(as_text(word) for word in words)


def place_name(lock: Any) -> str:
    """The name of a lock as it is written."""
    return lock if isinstance(lock, str) else lock["name"]


def passed(place: Place, t: float, seconds: float) -> Result:
    """Some time has passed, unless it was cut off."""
    if place.cut_before(t + seconds):
        return Result("cancelled", place.cut)
    return Result("succeeded", t + seconds)

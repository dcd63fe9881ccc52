"""The part of the model that makes attempts: of calls, and of the calls of waits."""

from random_programs.case import Data
from random_programs.record import Attempt, Failure, Place, Result
from random_programs.waits import Waits


class Calls(Waits):
    """Attempts until one succeeds or none is left."""

    def call(self, step: Data, path: str, place: Place, t: float) -> Result:
        """Attempts until one succeeds or none is left."""
        allowed, codes = self.allowed(step), self.codes(step)
        tries = number = 0
        while True:
            tries += 1
            shown = self.shown_call(step, place)
            result = None
            while result is None:
                number += 1
                result, t = self.attempt(step, path, number, shown, place, t)
            if not result.failed or result.hopeless or tries >= allowed:
                return result._replace(hopeless=False)
            if codes is not None and result.code not in codes:
                return result
            due = t + self.delay(step, tries)
            if due > t and place.cut_before(due):
                return Result("cancelled", place.cut, attempts=number)
            t = due

    def attempt(
        self, step: Data, path: str, number: int, shown: str, place: Place, t: float
    ) -> tuple[Result | None, float]:
        """One attempt, and when it ended; no result if there must be another one."""
        end = self.case.end(path, number)
        status, code, over = ("failed" if end.code else "succeeded"), end.code, t + end.takes
        if "timeout" in step and end.takes > step["timeout"]:
            status, code, over = "timed_out", None, t + step["timeout"]
        if (path, number) in self.lost:
            status, code = "unknown", None
        elif (path, number) in self.again or place.cut_before(over):
            status, code, over = "cancelled", None, min(place.cut, over)
        self.record.attempts.append(Attempt(path, number, status, t, over, shown))
        if (path, number) in self.again:
            return None, over
        if status == "unknown":
            return self.unknown(step, path, number, over), over
        failure = Failure(over, path, code) if status in ("failed", "timed_out") else None
        output = None
        if end.output is not None and status in ("succeeded", "failed"):
            output = {"x": end.output}
        return Result(status, over, code, output, number, failure), over

    def unknown(self, step: Data, path: str, number: int, t: float) -> Result | None:
        """Made again where that is harmless; else somebody decides."""
        if step.get("idempotent", step.get("type") == "wait"):
            return None
        self.asked[path] += 1
        choices = ("rerun", "skip", "fail")
        choice = self.case.decision(path, f"unknown {self.asked[path]}", choices)
        if choice == "rerun":
            return None
        if choice == "skip":
            return Result("skipped", t, attempts=number)
        failure = Failure(t, path, None)
        return Result("failed", t, attempts=number, failure=failure, hopeless=True)

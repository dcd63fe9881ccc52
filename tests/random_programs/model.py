"""What must come of a program: the reference model.

Written from docs/language.md and docs/semantics.md, with nothing of the interpreter. There is no
scheduler and nothing happens: the end of a step is a function of the moment at which it begins and
of the moment at which it is cut off. What runs at once is evaluated one after another; a branch
that another one's failure cuts off is evaluated again, with that end.
"""

from collections import ChainMap, Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from random_programs.calls import Calls
from random_programs.case import PONDERS, Case, Data
from random_programs.notation import NoValueError
from random_programs.record import (
    FOR_EVER,
    Effect,
    Failure,
    Layer,
    Place,
    Record,
    Result,
    TieError,
    Undo,
)

Body = Callable[[Place, float], Result]


class Aside(NamedTuple):
    """What a branch would do."""

    result: Result
    record: Record
    branch: Place


def expected(
    case: Case,
    lost: frozenset[tuple[str, int]] = frozenset(),
    again: frozenset[tuple[str, int]] = frozenset(),
) -> Record:
    """What must come of it. `lost`: attempts whose end nobody knows; `again`: those that a pause
    stopped, which are made again.
    """
    return Model(case, lost, again).run()


def join(prefix: str, key: str) -> str:
    return f"{prefix}/{key}" if prefix else key


def error_of(result: Result) -> dict[str, Any]:
    """What `error` is inside handlers and compensations."""
    failure = result.failure
    if failure is None:
        return {"step": "", "exit_code": None}
    return {"step": failure.path, "exit_code": failure.code}


def latest_first(effects: Sequence[Effect]) -> list[Effect]:
    """In the reverse order of ending. In one moment what is inside ends before what is around it,
    and whatever cuts others off before these; who of them is first cannot be told.
    """
    cut = [effect.at for effect in effects if effect.cut]
    if len(cut) != len(set(cut)):
        raise TieError(cut)

    def rank(one: tuple[int, Effect]) -> tuple[float, bool, int]:
        number, effect = one
        waits = any(
            inner.cut and inner.at == effect.at and inner.path.startswith(f"{effect.path}/")
            for inner in effects
        )
        return effect.at, effect.cut or waits, number

    return [effect for _, effect in sorted(enumerate(effects), key=rank, reverse=True)]


class Model(Calls):
    """Evaluates one program."""

    def run(self) -> Record:
        program = self.case.program
        cut = self.case.stop.at if self.case.stop else FOR_EVER
        values = {one["name"]: one["default"] for one in program.get("parameters", ())}
        place = Place(ChainMap(), Layer({}), values, cut)
        result, outputs = self.playbook(program, "", "", place, 0.0)
        self.record.end = result.end
        stop = self.case.stop
        if stop is not None and place.cut_by(result.end):
            ends = {"cancel": "cancelled", "timeout": "failed", "complete": "completed"}
            self.record.state = ends[stop.verb]
        else:
            self.record.state = "failed" if result.failed else "succeeded"
        self.record.outputs = outputs if self.record.state == "succeeded" else {}
        self.record.undone.sort(key=lambda one: one[0])
        return self.record

    def playbook(
        self, document: Data, prefix: str, handlers: str, place: Place, t: float
    ) -> tuple[Result, Mapping[str, Any]]:
        """The steps of a playbook, its outputs, its handlers."""
        for name, value in document.get("variables", {}).items():
            place.variables.assign({name: place.render(value)})
        result = self.sequence(document["steps"], prefix, place, t)
        inside = place.inside(result.children)
        outputs: Mapping[str, Any] = {}
        if result.status == "succeeded":
            try:
                wanted = document.get("outputs", {}).items()
                outputs = {name: inside.render(value) for name, value in wanted}
            except NoValueError:
                failure = Failure(result.end, prefix, None)
                result = result._replace(status="failed", failure=failure)
        result = self.handlers(document, handlers, inside, result, {})
        return result, outputs if result.status == "succeeded" else {}

    # Sequences and steps

    def sequence(self, steps: Sequence[Data], prefix: str, place: Place, t: float) -> Result:
        """One after another; what follows a failure does not run."""
        inside = place.inside()
        for number, step in enumerate(steps, 1):
            path = join(prefix, step.get("name", str(number)))
            result = self.step(step, path, inside, t)
            t = result.end
            if "name" in step:
                inside.names[step["name"]] = result.shown()
            if result.stops:
                status = "cancelled" if result.status == "cancelled" else "failed"
                failure = result.failure if status == "failed" else None
                code = failure.code if failure else None
                return Result(status, t, code, failure=failure, children=inside.names.maps[0])
        return Result("succeeded", t, children=inside.names.maps[0])

    def step(self, step: Data, path: str, place: Place, t: float) -> Result:
        """`when`, locks, body, outputs, handlers, what undoes it, `continue_on_error`."""
        if place.cut_by(t):
            return Result("cancelled", t)
        try:
            if "when" in step and not place.holds(step["when"]):
                self.record.ends.append((path, "skipped"))
                return Result("skipped", t)
            body = self.claimed(step, path, place, t)
        except NoValueError:
            body = Result("failed", t, failure=Failure(t, path, None))
        result = body
        if body.begun:
            own = {step["name"]: body.shown()} if "name" in step else {}
            if body.status == "succeeded" and "outputs" in step:
                result = self.outputs(step, path, place.inside(own), body)
                own = {name: result.shown() for name in own}
            result = self.handlers(step, path, place, result, own)
            self.note_effect(step, path, place, body, result)
        self.record.ends.append((path, result.status))
        if step.get("type") == "transaction" and isinstance(result.output, dict):
            self.record.rolled_back.append((path, result.output["rolled_back"]))
        if result.failed and step.get("continue_on_error"):
            result = result._replace(tolerated=True)
        return result

    def outputs(self, step: Data, path: str, place: Place, body: Result) -> Result:
        try:
            added = {name: place.render(value) for name, value in step["outputs"].items()}
        except NoValueError:
            return body._replace(status="failed", failure=Failure(body.end, path, None))
        before = body.output if isinstance(body.output, Mapping) else {}
        return body._replace(output={**before, **added})

    def handlers(
        self, owner: Data, prefix: str, place: Place, result: Result, own: Mapping[str, Any]
    ) -> Result:
        """`on_failure` or `on_success`, unless it was cut off; then `finally`, in any case."""
        place = place._replace(undo=None)
        inside = place.inside({**own, "error": error_of(result)})
        free = not place.cut_by(result.end)
        if free and result.failed and "on_failure" in owner:
            ended = self.sequence(
                owner["on_failure"], join(prefix, "on_failure"), inside, result.end
            )
            result = result._replace(end=ended.end)
        elif free and result.status == "succeeded" and "on_success" in owner:
            ended = self.sequence(
                owner["on_success"], join(prefix, "on_success"), place.inside(own), result.end
            )
            result = result._replace(end=ended.end)
            if ended.stops:
                result = result._replace(status=ended.status, failure=ended.failure)
            if ended.status == "cancelled":
                result = result._replace(output=None)  # it did not come to hand it on
        if "finally" in owner:
            inside = place._replace(cut=FOR_EVER).inside({**own, "error": error_of(result)})
            ended = self.sequence(owner["finally"], join(prefix, "finally"), inside, result.end)
            result = result._replace(end=ended.end)
            if ended.failed and result.status in ("succeeded", "skipped"):
                result = result._replace(status="failed", failure=ended.failure)
        return result

    # Bodies

    def body(self, step: Data, path: str, place: Place, t: float) -> Result:
        """What the step does."""
        match step.get("type"):
            case "set":
                return self.set(step, place, t)
            case "assert":
                if place.holds(step["condition"]):
                    return Result("succeeded", t)
                return Result("failed", t, failure=Failure(t, path, None))
            case "approval":
                return self.approval(step, path, place, t)
            case "wait":
                return self.wait(step, path, place, t)
            case "parallel" | "conditional" | "foreach" | "transaction" | "playbook" as kind:
                composite = getattr(self, kind if kind != "playbook" else "included")
                return self.timed(step, path, place, t, lambda p, w, s: composite(step, p, w, s))
            case _:
                return self.call(step, path, place, t)

    def set(self, step: Data, place: Place, t: float) -> Result:
        seen = place.branch()
        for name, value in step["variables"].items():
            seen.variables.assign({name: seen.render(value)})
        place.variables.assign(seen.variables.set)
        return Result("succeeded", t, output=dict(seen.variables.set))

    def conditional(self, step: Data, path: str, place: Place, t: float) -> Result:
        taken, left = ("then", "else") if place.holds(step["condition"]) else ("else", "then")
        if step.get(left):
            self.record.ends.append((join(path, left), "skipped"))
        return self.sequence(step.get(taken, []), join(path, taken), place, t)

    def parallel(self, step: Data, path: str, place: Place, t: float) -> Result:
        branches: list[Body] = []
        for number, branch in enumerate(step["branches"], 1):
            prefix = join(path, branch.get("name", str(number)))

            def run(
                inside: Place, begun: float, branch: Data = branch, prefix: str = prefix
            ) -> Result:
                if "when" in branch and not inside.holds(branch["when"]):
                    self.record.ends.append((prefix, "skipped"))
                    return Result("skipped", begun)
                return self.sequence(branch["steps"], prefix, inside, begun)

            branches.append(run)
        return self.at_once(branches, step, place, t, step.get("max_parallel", len(branches)))

    def foreach(self, step: Data, path: str, place: Place, t: float) -> Result:
        items = place.render(step["items"])
        if not isinstance(items, list):
            raise NoValueError(step["items"])
        unique = len(set(map(str, items))) == len(items)
        iterations: list[Body] = []
        for index, item in enumerate(items):
            key = f"{path}[{item if unique else index}]"

            def run(inside: Place, begun: float, item: Any = item, key: str = key) -> Result:
                return self.sequence(step["steps"], key, inside.inside({step["as"]: item}), begun)

            iterations.append(run)
        limit = step.get("max_parallel", 1)
        if limit > 1:
            return self.at_once(iterations, step, place, t, limit)
        results: list[Result] = []
        for run in iterations:
            if place.cut_by(t):
                break
            results.append(run(place, t))
            t = results[-1].end
            if results[-1].failed and step.get("fail_fast", True):
                break
        return self.joined(results, place, t)

    def at_once(
        self, bodies: Sequence[Body], step: Data, place: Place, t: float, limit: int
    ) -> Result:
        """At most `limit` at once, begun in written order; the first failure cuts off the rest."""
        first = FOR_EVER
        tried: list[tuple[float, Body, Aside]] = []
        for number, body in enumerate(bodies):
            start = t
            if number >= limit:
                start = sorted(aside.result.end for _, _, aside in tried)[number - limit]
            if start >= min(first, place.cut):
                break
            aside = self.aside(body, place, start)
            tried.append((start, body, aside))
            result = aside.result
            if result.failed and step.get("fail_fast", True) and not place.cut_by(result.end):
                first = min(first, result.end)
        inside = place._replace(cut=min(first, place.cut))
        ended = [
            self.aside(body, inside, start) if aside.result.end > first else aside
            for start, body, aside in tried
            if start < first
        ]
        for aside in ended:
            self.record.add(aside.record)
            place.join(aside.branch)
        end = max([t, *(aside.result.end for aside in ended)])
        return self.joined([aside.result for aside in ended], place, end)

    def aside(self, body: Body, place: Place, start: float) -> "Aside":
        """What a branch would do: nothing of it counts yet."""
        outer, self.record = self.record, Record()
        asked, self.asked = self.asked, Counter(self.asked)
        branch = place.branch()
        try:
            return Aside(body(branch, start), self.record, branch)
        finally:
            self.record, self.asked = outer, asked

    def joined(self, results: Sequence[Result], place: Place, end: float) -> Result:
        if place.cut_by(end):
            return Result("cancelled", end)
        failures = [r.failure for r in results if r.stops and r.failure is not None]
        if failures:
            first = min(failures, key=lambda failure: failure.at)
            return Result("failed", end, first.code, failure=first)
        return Result("succeeded", end)

    def included(self, step: Data, path: str, place: Place, t: float) -> Result:
        document = self.case.playbooks[step["playbook"]]
        values = {one["name"]: one["default"] for one in document.get("parameters", ())}
        values |= {name: place.render(v) for name, v in step.get("parameters", {}).items()}
        inside = Place(ChainMap(), Layer({}), values, place.cut, place.undo)
        result, outputs = self.playbook(document, path, join(path, "playbook"), inside, t)
        return result._replace(output=dict(outputs) or None, children={})

    # Transactions

    def transaction(self, step: Data, path: str, place: Place, t: float) -> Result:
        log = Undo()
        result = self.sequence(step["steps"], path, place._replace(undo=log), t)
        if result.status == "succeeded":
            if place.undo is not None:
                place.undo.extend(log)
            return result._replace(output={"rolled_back": False})
        t, left = result.end, log.left
        if self.case.forced <= t and not result.failed:
            left = left or bool(log.effects)
            return self.left(result._replace(output={"rolled_back": not left}), place, left=left)
        for effect in latest_first(log.effects):
            t, undone = self.undo(effect, result, t)
            left = left or not undone
        result = result._replace(end=t, output={"rolled_back": not left}, hopeless=left)
        return self.left(result, place, left=left)

    def left(self, result: Result, place: Place, *, left: bool) -> Result:
        if place.undo is not None:
            place.undo.left = place.undo.left or left
        return result

    def note_effect(
        self, step: Data, path: str, place: Place, body: Result, result: Result
    ) -> None:
        """Remember that a step of a transaction took effect, or may have."""
        started = step.get("compensate_on") == "start" and body.attempts > 0
        if place.undo is None or "compensate" not in step:
            return
        if body.status == "succeeded" or started:
            own = {step["name"]: body._replace(output=result.output or body.output).shown()}
            seen = place._replace(variables=Layer(place.variables.values), cut=FOR_EVER, undo=None)
            cut = result.status == "cancelled"
            place.undo.effects.append(Effect(result.end, cut, path, step, seen.inside(own)))

    def undo(self, effect: Effect, cause: Result, t: float) -> tuple[float, bool]:
        """Run what undoes a step. What fails is decided on: tried again, left, or accepted."""
        prefix = join(effect.path, "compensate")
        self.record.undone.append((t, effect.path))
        place = effect.place.inside({"error": error_of(cause)})
        status = "succeeded"
        for number, step in enumerate(effect.step["compensate"], 1):
            path, tries = join(prefix, step.get("name", str(number))), 0
            choice = "retry"
            while choice == "retry":
                tries += 1
                again = path if tries == 1 else f"{path}[retry {tries}]"
                result = self.step(step, again, place, t)
                t, choice = result.end, ""
                if result.stops:
                    if self.deadlines:  # they stand still if nothing runs while somebody ponders
                        raise TieError(t)
                    self.asked[prefix] += 1
                    about = f"compensation {self.asked[prefix]}"
                    choice = self.case.decision(prefix, about, ("retry", "skip", "accept"))
                    t += PONDERS
                    if self.case.forced <= t:  # nobody is asked any more
                        t, choice = max(result.end, self.case.forced), "skip"
            if choice:
                status = "skipped" if choice == "skip" else "succeeded"
                break
        self.record.ends.append((prefix, status))
        return t, status == "succeeded"

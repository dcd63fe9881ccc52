"""Random playbooks of every kind of step, from a seed."""

import random
from collections.abc import Mapping
from typing import Any, NamedTuple

from random_programs.case import Case, Data, Stop, grained

_LEAVES = ["command"] * 8 + ["shell", "script", "set", "set", "assert", "wait", "wait", "approval"]
_COMPOSITES = ["parallel", "parallel", "conditional", "foreach", "foreach", "transaction"]
_LOCKS = ["a", "b", "c"]


def generate(seed: int, number: int, *, real: bool = False) -> Case:
    """Program `number` of a seed. `real`: it is to be run by real processes, so nothing in it may
    take long, and what it comes to may not depend on times.
    """
    name = f"{seed}/{number}"
    chance = random.Random(f"{name}/program")
    racing = not real and chance.random() < 0.6
    return _Generator(name, chance, racing=racing, real=real).case()


class _Seen(NamedTuple):
    """What can be used where a step stands."""

    steps: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    """Parameters and variables that are numbers."""
    words: tuple[str, ...] = ()
    """Loop variables."""
    undoable: bool = False
    """It stands in the body of a transaction."""
    at_once: bool = False
    """It is run several times at once."""
    claims: bool = False
    """What is around it has claimed something: more of that may never come."""
    error: bool = False
    """Something has failed before, and is known."""


class _Generator:
    def __init__(self, seed: str, chance: random.Random, *, racing: bool, real: bool) -> None:
        self._seed = seed
        self._chance = chance
        self._racing = racing
        self._real = real
        self._count = 0
        self._left = chance.randint(6, 16) if real else chance.randint(3, 22)
        """How many steps there may still be."""
        self._people = chance.random() < 0.4
        """People are asked, and time that stands still meanwhile is not counted."""
        self._playbooks: dict[str, Data] = {}
        self._below = False

    def case(self) -> Case:
        chance = self._chance
        if self._may(0.4):
            self._below = True
            self._playbooks["below"] = self._playbook("below", 4)
            self._below = False
        self._playbooks["program"] = self._playbook("program", self._left)
        stop = None
        if self._racing and self._may(0.3):
            verbs = ["cancel", "complete"] if self._people else ["cancel", "complete", "timeout"]
            stop = Stop(chance.choice(verbs), self._seconds(1, 25))
        options = {"max_parallel": 1000 if self._racing else chance.randint(1, 4)}
        return Case(self._seed, self._racing, self._playbooks, options, stop, self._real)

    def _playbook(self, name: str, steps: int) -> Data:
        self._left = steps
        mark = name[0]
        found: Data = {"name": name}
        parameters = [f"{mark}p{n}" for n in range(self._chance.randint(1, 2))]
        variables = [f"{mark}v{n}" for n in range(self._chance.randint(1, 3))]
        found["parameters"] = [
            {"name": one, "type": "integer", "default": self._chance.randint(0, 5)}
            for one in parameters
        ]
        found["variables"] = {one: self._chance.randint(0, 5) for one in variables}
        seen = _Seen(numbers=(*parameters, *variables))
        found["steps"], after = self._sequence(seen, 0)
        self._left = 3
        for handler in ("on_failure", "on_success", "finally"):
            if self._may(0.25):
                found[handler], _ = self._sequence(seen, 3, most=2)
        if self._may(0.5):
            named = self._chance.choice([*variables, *(f"{s}.status" for s in after.steps)])
            found["outputs"] = {"total": f"${{{self._chance.choice(variables)}}}"}
            found["outputs"]["last"] = f"${{{named}}}"
        return found

    # Chances

    def _may(self, share: float) -> bool:
        return self._chance.random() < share

    def _seconds(self, least: float, most: float) -> float:
        return grained(self._chance.uniform(least, most))

    def _name(self, mark: str = "s") -> str:
        self._count += 1
        return f"{mark}{self._count}"

    # Sequences

    def _sequence(
        self, seen: _Seen, depth: int, *, most: int = 4, first: bool = False
    ) -> tuple[list[Data], _Seen]:
        """Some steps, and what can be seen after them. `first`: they start beside others, and must
        not fail in the very moment in which these start.
        """
        steps: list[Data] = []
        if first and self._racing:
            steps.append({"name": self._name(), "command": "./act first"})
        for _ in range(self._chance.randint(1, most)):
            if steps and self._left <= 0:
                break
            step = self._step(seen, depth)
            if self._may(0.1) and not step.keys() & {"compensate", "outputs", "type", "checkpoint"}:
                del step["name"]
            elif "name" in step:
                seen = seen._replace(steps=(*seen.steps, step["name"]))
            steps.append(step)
        return steps, seen

    def _step(self, seen: _Seen, depth: int) -> Data:
        self._left -= 1
        kinds = list(_LEAVES)
        if depth < 3 and self._left > 1:
            kinds += _COMPOSITES * 2
            if "below" in self._playbooks and not self._below:
                kinds += ["included"] * 2
        kind = self._chance.choice(kinds)
        step: Data = {"name": self._name()}
        step |= getattr(self, f"_{kind}")(seen, depth)
        self._around(step, kind, seen, depth)
        return step

    # Keys that every step may have

    def _around(self, step: Data, kind: str, seen: _Seen, depth: int) -> None:
        calls = kind in ("command", "shell", "script")
        if self._may(0.12):
            step["when"] = self._condition(seen)
        if self._may(0.2):
            step["continue_on_error"] = True
        if self._may(0.08):
            step["checkpoint"] = f"after-{step['name']}"
        if calls and self._may(0.1):
            step["env"] = {"GREETING": f"${{{self._number(seen)}}}"}
        if self._may(0.3) and kind not in ("set", "assert", "approval", "wait"):
            step["retry"] = self._retry(composite=not calls)
        self._timeout(step, kind)
        if not self._racing and self._may(0.3) and calls:
            step["idempotent"] = self._may(0.7)
        self._locks(step, kind, seen)
        if self._may(0.15):
            step["outputs"] = {"got": f"${{{self._number(seen)}}}"}
            if calls and self._may(0.5):
                step["outputs"]["also"] = f"${{{step['name']}.output.x}}"
        claims = seen.claims or bool(step.keys() & {"locks", "resources"})
        inner = seen._replace(undoable=False, claims=claims)
        if depth < 3:
            for handler in ("on_failure", "on_success", "finally"):
                if self._may(0.12):
                    known = handler == "on_failure" and (calls or self._racing)
                    step[handler], _ = self._sequence(inner._replace(error=known), 3, most=2)
        if seen.undoable and self._may(0.6):
            step["compensate"] = self._compensation(step, inner)
            if self._may(0.2):
                step["compensate_on"] = "start"

    def _compensation(self, step: Data, seen: _Seen) -> list[Data]:
        known = seen._replace(steps=(*seen.steps, step["name"]))
        found = [{"name": self._name("u"), "command": f"./act undo {self._argument(known)}"}]
        if self._may(0.3):
            found.append({"name": self._name("u"), "command": "./act undo"})
        return found

    def _retry(self, *, composite: bool) -> Any:
        if self._may(0.4):
            return self._chance.randint(1, 2)
        retry: Data = {"attempts": self._chance.randint(2, 3)}
        if self._may(0.6):
            retry["delay"] = 0.01 if self._real else self._seconds(0.25, 3)
            if self._may(0.5):
                retry["backoff"] = 2
                retry["jitter"] = 0.2
            if self._may(0.3):
                retry["max_delay"] = 0.02 if self._real else self._seconds(2, 4)
        if self._may(0.3) and not composite:
            retry["on_exit_codes"] = self._chance.sample([1, 2, 3], 2)
        return retry

    def _timeout(self, step: Data, kind: str) -> None:
        if self._real:
            return
        if kind in ("command", "shell", "script"):
            if self._may(0.25):
                step["timeout"] = self._seconds(1.5, 5)
            return
        counts = self._racing and not self._people and kind not in ("set", "assert", "approval")
        if counts and "event" not in step and self._may(0.2):
            step["timeout"] = self._seconds(2, 20)

    def _locks(self, step: Data, kind: str, seen: _Seen) -> None:
        """Only calls have locks that others want, too: so there is no deadlock."""
        calls = kind in ("command", "shell", "script") and not seen.claims
        if self._may(0.06) and not self._real:
            lock: Data = {"name": f"taken-{self._chance.randint(1, 2)}"}
            if self._may(0.5):
                lock["on_conflict"] = self._chance.choice(["fail", "skip"])
            if "on_conflict" not in lock or self._may(0.4):
                lock["wait"] = self._seconds(0.5, 6)
            step["locks"] = [lock]
        elif calls and self._may(0.12):
            if self._racing and not seen.at_once:
                step["locks"] = [f"own-{step['name']}"]
            elif not self._racing:
                wanted = self._chance.sample(_LOCKS, self._chance.randint(1, 2))
                step["locks"] = [{"name": one, "shared": self._may(0.4)} for one in wanted]
        elif calls and not self._racing and self._may(0.1):
            step["resources"] = {"cpu": self._chance.randint(1, 2)}

    # Expressions: nothing but what Python and the language both understand

    def _number(self, seen: _Seen) -> str:
        name = self._chance.choice(seen.numbers)
        return self._chance.choice([name, f"{name} + 1", f"{name} * 2"])

    def _condition(self, seen: _Seen) -> str:
        simple = f"${{{self._chance.choice(seen.numbers)}}} > {self._chance.randint(-1, 3)}"
        if not seen.steps or self._may(0.4):
            return simple
        step = self._chance.choice(seen.steps)
        about = self._chance.choice(["success", "failed", "skipped"])
        forms = [f"${{{step}.{about}}}", f"${{{step}.status}} == 'succeeded'"]
        forms += [f"not ${{{step}.{about}}}", f"{simple} or ${{{step}.{about}}}"]
        return self._chance.choice(forms)

    def _argument(self, seen: _Seen) -> str:
        forms = ["word", f"${{{self._number(seen)}}}", f"a${{{self._number(seen)}}}b"]
        forms += [f"${{{word}}}" for word in seen.words]
        if seen.error:
            forms += ["${error.step}"] * 2
        if seen.steps:
            step = self._chance.choice(seen.steps)
            forms += [f"${{{step}.status}}", f"${{{step}.success}}"]
            if self._may(0.25):
                forms.append(f"${{{step}.output.x}}")
        return self._chance.choice(forms).replace(" ", "")

    # Kinds

    def _command(self, seen: _Seen, depth: int) -> Data:
        words = [self._argument(seen) for _ in range(self._chance.randint(0, 2))]
        return {"command": " ".join(["./act", *words])}

    def _shell(self, seen: _Seen, depth: int) -> Data:
        return {"shell": f"./act {self._argument(seen)}"}

    def _script(self, seen: _Seen, depth: int) -> Data:
        if self._may(0.5):
            return {"script": "true\n./act scripted\n"}
        return {"script": {"interpreter": "sh", "text": "./act scripted"}}

    def _set(self, seen: _Seen, depth: int) -> Data:
        variables = [name for name in seen.numbers if name[1] == "v"]
        chosen = self._chance.sample(variables, self._chance.randint(1, len(variables)))
        return {"type": "set", "variables": {n: f"${{{self._number(seen)}}}" for n in chosen}}

    def _assert(self, seen: _Seen, depth: int) -> Data:
        condition = self._condition(seen)
        if self._may(0.6):
            condition = f"${{{self._chance.choice(seen.numbers)}}} > -1"
        return {"type": "assert", "condition": condition, "message": "it does not hold"}

    def _wait(self, seen: _Seen, depth: int) -> Data:
        form = self._chance.choice(["duration", "poll", "event"])
        if form == "duration":
            seconds = 0.05 if self._real else self._seconds(0.25, 6)
            return {"type": "wait", "duration": seconds}
        if form == "poll":
            name, interval = self._name(), 0.05 if self._real else self._seconds(0.5, 3)
            return {"name": name, "type": "wait", "command": "./act look",
                    "until": f"${{{name}.success}}", "interval": interval}  # fmt: skip
        if self._real or (seen.at_once and self._racing):
            return {"type": "wait", "duration": 0.05 if self._real else self._seconds(0.25, 6)}
        comes = self._may(0.7)
        step: Data = {"type": "wait", "event": self._name("comes" if comes else "never")}
        if not comes or (self._racing and self._may(0.3)):
            step["timeout"] = self._seconds(2, 9)
            step["on_timeout"] = self._chance.choice(["fail", "continue"])
        return step

    def _approval(self, seen: _Seen, depth: int) -> Data:
        if self._real or not self._people:
            return self._command(seen, depth)
        name = self._name()
        step: Data = {"name": name, "type": "approval", "message": "Go on?"}
        answer = Case(self._seed, self._racing, {}, {}).answer(name)
        if answer is None or (self._racing and self._may(0.3)):
            step["timeout"] = self._seconds(2, 6)
            step["on_timeout"] = self._chance.choice(["fail", "reject", "continue"])
        return step

    def _parallel(self, seen: _Seen, depth: int) -> Data:
        branches: list[Data] = []
        for _ in range(self._chance.randint(2, 3)):
            branch: Data = {"name": self._name("b")}
            if self._may(0.1):
                branch["when"] = f"${{{self._chance.choice(seen.numbers)}}} > 1"
            branch["steps"], _ = self._sequence(seen, depth + 1, most=3, first=True)
            branches.append(branch)
        step: Data = {"type": "parallel", "branches": branches}
        if self._may(0.3):
            step["max_parallel"] = self._chance.randint(1, 3)
        return step | self._fail_fast()

    def _fail_fast(self) -> Mapping[str, bool]:
        if not self._racing:
            return {"fail_fast": False}
        return {"fail_fast": False} if self._may(0.3) else {}

    def _conditional(self, seen: _Seen, depth: int) -> Data:
        step: Data = {"type": "conditional", "condition": self._condition(seen)}
        step["then"], _ = self._sequence(seen, depth + 1, most=2)
        if self._may(0.7):
            step["else"], _ = self._sequence(seen, depth + 1, most=2)
        return step

    def _foreach(self, seen: _Seen, depth: int) -> Data:
        items: Any = self._chance.choice([["x", "y"], ["x", "y", "z"], ["x", "x"], [1, 2, 3], []])
        variable = self._name("i")
        step: Data = {"type": "foreach", "items": items, "as": variable}
        at_once = self._may(0.5)
        if at_once:
            step["max_parallel"] = self._chance.randint(2, 3)
        inside = seen._replace(words=(*seen.words, variable), at_once=seen.at_once or at_once)
        step["steps"], _ = self._sequence(inside, depth + 1, most=2, first=at_once)
        return step | self._fail_fast()

    def _transaction(self, seen: _Seen, depth: int) -> Data:
        steps, _ = self._sequence(seen._replace(undoable=True), depth + 1, most=4)
        return {"type": "transaction", "steps": steps}

    def _included(self, seen: _Seen, depth: int) -> Data:
        step: Data = {"type": "playbook", "playbook": "below"}
        first = self._playbooks["below"]["parameters"][0]["name"]
        if self._may(0.6):
            step["parameters"] = {first: self._chance.randint(0, 5)}
        return step

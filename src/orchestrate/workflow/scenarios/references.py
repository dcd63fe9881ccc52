"""What a scenario names must be in its playbook: steps, variables."""

from orchestrate.playbook.diagnostics import Diagnostics, nearest
from orchestrate.playbook.nodes import ListNode, MapNode, Node, Scalar
from orchestrate.playbook.plan import Plan
from orchestrate.workflow import paths
from orchestrate.workflow.kinds import kind_of
from orchestrate.workflow.scenarios.targets import STEP, calls_something, targets
from orchestrate.workflow.structure import locate


class References:
    """Looks up what scenarios of one playbook name; what is not there is reported."""

    def __init__(self, plan: Plan, diagnostics: Diagnostics) -> None:
        self._plan = plan
        self._diagnostics = diagnostics

    def check(self, scenario: MapNode) -> None:
        """Everything that the scenario names."""
        outcomes = scenario.get("outcomes")
        for entry in outcomes.entries if isinstance(outcomes, MapNode) else ():
            if not self.is_pattern(entry.key):
                self._outcome(entry.key)
        self._signals(scenario.get("signals"))
        self._expected(scenario.get("expect"))
        self._env(scenario.get("env"))

    def is_pattern(self, key: Scalar) -> bool:
        """Whether a key of `outcomes` stands for calls: it is no step and looks like a call."""
        text = key.text
        if locate(self._plan, text) is not None:
            return False
        return text.startswith("/") or any(letter in text for letter in "*? ")

    def _signals(self, node: Node | None) -> None:
        for item in node.items if isinstance(node, ListNode) else ():
            for key, inner in (("when", "step"), ("resolve", "path")):
                part = item.get(key) if isinstance(item, MapNode) else None
                self._step(part.get(inner) if isinstance(part, MapNode) else None)

    def _expected(self, node: Node | None) -> None:
        if not isinstance(node, MapNode):
            return
        for key in ("steps", "order"):
            listed = node.get(key)
            for item in listed.items if isinstance(listed, ListNode) else ():
                self._step(item)
        for key in ("outcomes", "attempts"):
            mapping = node.get(key)
            for entry in mapping.entries if isinstance(mapping, MapNode) else ():
                self._step(entry.key)
        error = node.get("error")
        self._step(error.get("step") if isinstance(error, MapNode) else None)

    def _step(self, node: Node | None) -> None:
        if isinstance(node, Scalar) and node.text and locate(self._plan, node.text) is None:
            self._unknown(node)

    def _outcome(self, key: Scalar) -> None:
        located = locate(self._plan, key.text)
        if located is None:
            self._unknown(key)
            return
        step = located.step
        if calls_something(step):
            return
        inside = [
            target.path
            for target in targets(self._plan)
            if target.step is not None
            and calls_something(target.step)
            and target.path != paths.static(key.text)
            and paths.within(target.path, paths.static(key.text))
        ]
        what = "part of a step" if located.rest else f"of `type: {kind_of(step)}`"
        self._diagnostics.error(
            "no-outcome",
            f"`{key.text}` is {what} and calls nothing, so it has no outcome of its own",
            key.place,
            hint=f"script what it contains, such as `{inside[0]}`" if inside else "remove it",
            length=len(key.text),
        )

    def _unknown(self, node: Scalar) -> None:
        known = [target.path for target in targets(self._plan) if target.kind == STEP]
        wanted = paths.static(node.text)
        near = nearest(wanted, known)
        if near is None:
            near = next((path for path in known if paths.last(path) == paths.last(wanted)), None)
        hint = f"did you mean `{near}`?" if near else f"steps: {', '.join(known[:12])}"
        message = f"{self._plan.name} has no step `{node.text}`"
        place, length = node.place, len(node.text)
        self._diagnostics.error("unknown-step", message, place, hint=hint, length=length)

    def _env(self, node: Node | None) -> None:
        known = [*self._plan.env_names]
        known += [s.options["variable"] for s in self._plan.secrets if "variable" in s.options]
        for entry in node.entries if isinstance(node, MapNode) else ():
            name = entry.key.text
            if name in known:
                continue
            near = nearest(name, known)
            self._diagnostics.error(
                "unknown-variable",
                f"no expression or secret of {self._plan.name} reads the variable `{name}`",
                entry.key.place,
                hint=f"did you mean `{near}`?" if near else "remove it",
                length=len(name),
            )

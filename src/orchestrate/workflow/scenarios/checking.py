"""Looks at the keys and values of a scenario file: misspelt, missing, of the wrong type."""

from collections.abc import Callable

from pydantic import BaseModel

from orchestrate.playbook.diagnostics import Diagnostics, nearest
from orchestrate.playbook.document.validation import validate
from orchestrate.playbook.nodes import Entry, ListNode, MapNode, Node
from orchestrate.workflow.scenarios import document
from orchestrate.workflow.scenarios.signals import VERBS

_Inner = Callable[[Node], Node]


def check_shared(node: MapNode, diagnostics: Diagnostics) -> MapNode:
    """What stands beside `scenarios`, put right where a key was misspelt; `scenarios` themselves
    are left as they are.
    """
    checker = _Checker(diagnostics)
    kept = checker.known(node, document.ScenariosModel, "a scenario file", checker.shared())
    plain = [entry for entry in kept.entries if entry.key.text != "scenarios"]
    validate(MapNode(tuple(plain), node.place), diagnostics, document.SharedModel, "the file")
    return kept


def check_scenario(node: MapNode, diagnostics: Diagnostics) -> MapNode:
    """One scenario, put right where a key was misspelt."""
    checker = _Checker(diagnostics)
    parts = {**checker.shared(), "signals": checker.signals, "expect": checker.expect}
    kept = checker.known(node, document.ScenarioModel, "a scenario", parts)
    validate(kept, diagnostics, document.ScenarioModel, "the scenario")
    return kept


class _Checker:
    def __init__(self, diagnostics: Diagnostics) -> None:
        self._diagnostics = diagnostics

    def shared(self) -> dict[str, _Inner]:
        return {"options": self._of(document.OptionsModel, "`options`"), "outcomes": self._outcomes}

    def expect(self, node: Node) -> Node:
        parts = {
            "error": self._of(document.ErrorModel, "`error`"),
            "duration": self._of(document.SpanModel, "`duration`"),
        }
        return self._inside(node, document.ExpectModel, "`expect`", parts)

    def signals(self, node: Node) -> Node:
        if not isinstance(node, ListNode):
            return node
        return node._replace(items=tuple(self._signal(item) for item in node.items))

    def _signal(self, node: Node) -> Node:
        parts: dict[str, _Inner] = {"when": self._of(document.MomentModel, "`when`")}
        for verb, entry in VERBS.items():
            if entry.model is not None:
                parts[verb] = self._of(entry.model, f"`{verb}`")
        kept = self._inside(node, document.SignalModel, "a signal", parts)
        if isinstance(kept, MapNode):
            self._one_of(kept, ("at", "when"), "a signal has either `at` or `when`", "at: 5")
            self._one_of(
                kept, tuple(VERBS), f"a signal is one of {', '.join(VERBS)}", "pause: true"
            )
        return kept

    def _one_of(self, node: MapNode, keys: tuple[str, ...], message: str, example: str) -> None:
        given = [entry for entry in node.entries if entry.key.text in keys]
        if len(given) == 1:
            return
        place = given[1].key.place if given else node.place
        hint = "make two signals of it" if given else f"such as `{example}`"
        self._diagnostics.error("missing-key", message, place, hint=hint)

    def _outcomes(self, node: Node) -> Node:
        if not isinstance(node, MapNode):
            return node
        one = self._of(document.OutcomeModel, "an outcome")

        def script(value: Node) -> Node:
            if isinstance(value, ListNode):
                return value._replace(items=tuple(one(item) for item in value.items))
            return one(value)

        entries = (Entry(entry.key, script(entry.value)) for entry in node.entries)
        return MapNode(tuple(entries), node.place)

    def _of(self, model: type[BaseModel], what: str) -> _Inner:
        return lambda node: self._inside(node, model, what, {})

    def _inside(
        self, node: Node, model: type[BaseModel], what: str, parts: dict[str, _Inner]
    ) -> Node:
        return self.known(node, model, what, parts) if isinstance(node, MapNode) else node

    def known(
        self, node: MapNode, model: type[BaseModel], what: str, parts: dict[str, _Inner]
    ) -> MapNode:
        """The entries with known keys; others are reported, misspelt ones put right."""
        keys = [field.alias or name for name, field in model.model_fields.items()]
        free = [key for key in keys if node.get(key) is None]
        kept: list[Entry] = []
        for entry in node.entries:
            key = entry.key.text
            if key not in keys:
                near = nearest(key, free)
                hint = f"did you mean `{near}`?" if near else f"keys: {', '.join(keys)}"
                message = f"{what} has no key `{key}`"
                place, length = entry.key.place, len(key)
                self._diagnostics.error("unknown-key", message, place, hint=hint, length=length)
                if near is None:
                    continue
                free.remove(near)
                key = near
            inner = parts.get(key)
            value = inner(entry.value) if inner else entry.value
            kept.append(Entry(entry.key._replace(text=key, value=key), value))
        return MapNode(tuple(kept), node.place)

"""From the text of a scenario file to scenarios that can be played."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from orchestrate.errors import OrchestrateError, Place
from orchestrate.playbook.diagnostics import Diagnostics, PlaybookInvalidError
from orchestrate.playbook.durations import parse_duration
from orchestrate.playbook.nodes import Entry, ListNode, MapNode, Node, Scalar
from orchestrate.playbook.plan import Plan
from orchestrate.playbook.reader import read
from orchestrate.workflow.memory import FOR_EVER
from orchestrate.workflow.program import Program
from orchestrate.workflow.scenarios import outcomes as scripts
from orchestrate.workflow.scenarios.checking import check_scenario, check_shared
from orchestrate.workflow.scenarios.compiling import Compiler
from orchestrate.workflow.scenarios.nodes import data_of
from orchestrate.workflow.scenarios.references import References
from orchestrate.workflow.scenarios.signals import Cue, read_cue
from orchestrate.workflow.scenarios.values import make_program

_MERGED = ("playbooks", "parameters", "env", "options", "outcomes")
"""Keys whose mappings are joined with those that the scenarios of a file share."""


class Contention(NamedTuple):
    """What else wants locks and capacity: locks and the seconds for which they are held."""

    held: Mapping[str, float]
    capacity: Mapping[str, int] | None


class Scenario(NamedTuple):
    """A scenario, ready to be played."""

    name: str
    file: str
    place: Place
    playbook: str
    """The file of the playbook; the scenario's own if the text stands there."""
    plan: Plan
    program: Program | None
    """None if the workflow is refused."""
    refusal: OrchestrateError | None
    """Why it is not even started."""
    outcomes: tuple[scripts.Entry, ...]
    shared: frozenset[str]
    """Keys of outcomes that all scenarios of the file share: not each needs them."""
    cues: tuple[Cue, ...]
    contention: Contention
    expected: MapNode

    @property
    def id(self) -> str:
        """The file and the name, as reports and `-k` know it."""
        return f"{self.file}::{self.name}"


class Invalid(NamedTuple):
    """A scenario (or, without a name, a file) that cannot be played; `faults` are rendered."""

    name: str
    file: str
    place: Place
    playbook: str
    faults: tuple[str, ...]

    @property
    def id(self) -> str:
        """The file and the name, as reports and `-k` know it."""
        return f"{self.file}::{self.name}" if self.name else self.file


class ScenarioText(NamedTuple):
    """What a file holds, and its text for rendering."""

    scenarios: tuple[Scenario | Invalid, ...]
    diagnostics: Diagnostics


def read_scenarios(
    file: str, text: str | bytes, compiler: Compiler, *, playbook: str = ""
) -> ScenarioText:
    """The scenarios of a file. `playbook` is the name of the one that they are about if they do
    not say. Nothing is raised: what is wrong is `Invalid`.
    """
    diagnostics = Diagnostics()
    root = read(file, text, diagnostics)
    reader = _Reader(file, diagnostics, compiler, playbook)
    return ScenarioText(tuple(reader.read(root)), diagnostics)


class _Reader:
    def __init__(
        self, file: str, diagnostics: Diagnostics, compiler: Compiler, playbook: str
    ) -> None:
        self._file = file
        self._diagnostics = diagnostics
        self._compiler = compiler
        self._playbook = playbook
        self._told = 0
        self._names: dict[str, Place] = {}

    def read(self, root: Node | None) -> Iterator[Scenario | Invalid]:
        shared = MapNode((), Place(self._file, 1, 1))
        listed: Node | None = root
        if isinstance(root, MapNode) and root.get("scenario") is not None:
            listed = ListNode((root,), root.place)
        elif isinstance(root, MapNode) and root.get("steps") is None:
            shared = check_shared(root, self._diagnostics)
            listed = shared.get("scenarios")
        if not isinstance(listed, ListNode) or not listed.items:
            self._not_a_list(root, shared.place)
            listed = ListNode((), shared.place)
        faults = self._faults()
        if faults:
            place = root.place if root is not None else shared.place
            yield Invalid("", self._file, place, "", faults)
            return
        for item in listed.items:
            yield self._scenario(item, shared)

    def _not_a_list(self, root: Node | None, place: Place) -> None:
        """Unless it is not even YAML, which was told."""
        found = self._diagnostics.found
        if root is None and [diagnostic.rule for diagnostic in found] != ["empty-playbook"]:
            return
        found.clear()
        playbook = isinstance(root, MapNode) and root.get("steps") is not None
        self._diagnostics.error(
            "wrong-type",
            "this is a playbook" if playbook else "a scenario file is a list of scenarios",
            root.place if root is not None else place,
            hint="begin each scenario with `- scenario: what it proves`, `expect:` under it",
        )

    def _scenario(self, node: Node, shared: MapNode) -> Scenario | Invalid:
        if not isinstance(node, MapNode):
            message, hint = "a scenario is a mapping", "such as `- scenario: what it proves`"
            self._diagnostics.error("wrong-type", message, node.place, hint=hint)
            return Invalid("", self._file, node.place, "", self._faults())
        checked = check_scenario(node, self._diagnostics)
        name = _text(checked.get("scenario"))
        self._check_unique(name, checked.get("scenario"))
        faults = self._faults()
        merged = _merge(shared, checked)
        if faults:
            return Invalid(name, self._file, node.place, self._about(merged), faults)
        try:
            return self._playable(name, merged, shared)
        except PlaybookInvalidError as error:
            faults = (error.message,)
        except OrchestrateError as error:
            place = error.place or (merged.get("playbook") or node).place
            self._diagnostics.error(error.code, error.message, place, hint=error.hint)
            faults = self._faults()
        return Invalid(name, self._file, node.place, self._about(merged), faults)

    def _about(self, scenario: MapNode) -> str:
        """The playbook as the scenario names it."""
        node = scenario.get("playbook")
        return node.text.split("\n")[0] if isinstance(node, Scalar) else self._playbook

    def _check_unique(self, name: str, node: Node | None) -> None:
        earlier = self._names.setdefault(name, node.place) if node is not None else None
        if node is not None and earlier != node.place:
            message = f"another scenario of this file has this name (line {earlier.line})"  # type: ignore[union-attr]
            hint = "say what is different about it"
            self._diagnostics.error("name-collision", message, node.place, hint=hint)

    def _playable(self, name: str, node: MapNode, shared: MapNode) -> Scenario | Invalid:
        compiled = self._compiler.compile(self._file, node, self._playbook)
        plan = compiled.plan
        program, refusal = make_program(compiled, node)
        references = References(plan, self._diagnostics)
        references.check(node)
        entries = tuple(_outcome_entries(node, references))
        faults = self._faults()
        if faults:
            return Invalid(name, self._file, node.place, compiled.file, faults)
        expected = node.get("expect")
        assert isinstance(expected, MapNode)
        shared_outcomes = shared.get("outcomes")
        common = shared_outcomes.entries if isinstance(shared_outcomes, MapNode) else ()
        return Scenario(
            name,
            self._file,
            node.place,
            compiled.file,
            plan,
            program,
            refusal,
            entries,
            frozenset(entry.key.text for entry in common),
            tuple(_cues(node)),
            _contention(node),
            expected,
        )

    def _faults(self) -> tuple[str, ...]:
        """What was found wrong since the last call, rendered."""
        found = self._diagnostics.found[self._told :]
        self._told = len(self._diagnostics.found)
        errors = sorted((d for d in found if d.severity == "error"), key=lambda d: d.place)
        return tuple(self._diagnostics.render(error) for error in errors)


def _merge(shared: MapNode, own: MapNode) -> MapNode:
    """The scenario with what its file shares; its own keys win, and come first."""
    entries = list(own.entries)
    for entry in shared.entries:
        key = entry.key.text
        if key in ("scenarios", "description"):
            continue
        mine = own.get(key)
        if mine is None:
            entries.append(entry)
        elif key in _MERGED and isinstance(mine, MapNode) and isinstance(entry.value, MapNode):
            entries = [
                Entry(e.key, _joined(mine, entry.value)) if e.key.text == key else e
                for e in entries
            ]
    return MapNode(tuple(entries), own.place)


def _joined(mine: MapNode, common: MapNode) -> MapNode:
    others = (entry for entry in common.entries if mine.get(entry.key.text) is None)
    return MapNode((*mine.entries, *others), mine.place)


def _outcome_entries(node: MapNode, references: References) -> Iterator[scripts.Entry]:
    listed = node.get("outcomes")
    for entry in listed.entries if isinstance(listed, MapNode) else ():
        key = entry.key.text
        pattern = references.is_pattern(entry.key)
        script = scripts.read_script(data_of(entry.value))
        yield scripts.Entry(key, pattern, script, entry.key.place)


def _contention(node: MapNode) -> Contention:
    held, capacity = node.get("locks_held"), node.get("capacity")
    locks = None if held is None else data_of(held)
    amounts = None if capacity is None else data_of(capacity)
    seconds: dict[str, float] = {}
    for lock, given in locks.items() if isinstance(locks, dict) else ():
        seconds[lock] = FOR_EVER if given == "for_ever" else parse_duration(given)
    if not isinstance(amounts, dict):
        return Contention(seconds, None)
    return Contention(seconds, {name: int(str(amount)) for name, amount in amounts.items()})


def _cues(node: MapNode) -> Iterator[Cue]:
    listed = node.get("signals")
    for item in listed.items if isinstance(listed, ListNode) else ():
        data = data_of(item)
        assert isinstance(data, dict)
        yield read_cue(data, item.place)


def _text(node: Node | None) -> str:
    return node.text if isinstance(node, Scalar) else ""

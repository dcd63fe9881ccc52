"""What a rule is, what it looks at, and what it finds."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from orchestrate.errors import Place
from orchestrate.playbook.linting.walk import Located, walk
from orchestrate.playbook.nodes import Entry, ListNode, MapNode, Node
from orchestrate.playbook.plan import Command, Json, Plan, Step

ERROR = "error"
"""It cannot work."""
WARNING = "warning"
"""Something is likely to go wrong."""
NOTE = "note"
"""Something could be better; it never fails a check, `--strict` included."""


class Called(NamedTuple):
    """What is known of a command before it is called."""

    remote: bool = False
    """It runs on another machine."""
    reads_only: bool = False
    """It changes nothing."""


class Facts(NamedTuple):
    """What a playbook itself does not say: its host knows it."""

    called: Callable[[Sequence[str]], Called]
    """What the literal words at the head of a command lead to."""
    protected: frozenset[str] = frozenset(("production", "prod"))
    """Environments in which a mistake hurts."""
    environment: str = ""
    """The environment that the playbook was checked for."""
    variables: Mapping[str, Json] = {}
    """What that environment's file gives."""


class Finding(NamedTuple):
    """One thing that a rule found. `step`: where the step stands that it is about."""

    message: str
    place: Place
    hint: str = ""
    length: int = 1
    step: Place | None = None


class Subject:
    """A checked playbook as rules see it."""

    def __init__(self, plan: Plan, document: MapNode, lines: Sequence[str], facts: Facts) -> None:
        self.plan = plan
        self.document = document
        self.lines = lines
        """The text of the file."""
        self.facts = facts
        self.steps: tuple[Located, ...] = tuple(walk(plan))
        """Every step of this file in written order, those of sub-playbooks left out."""
        self._nodes: dict[Place, MapNode] | None = None

    def key(self, step: Step, name: str) -> Entry | None:
        """A key of a step as it was written."""
        node = self._node(step.place)
        entries = node.entries if node is not None else ()
        return next((entry for entry in entries if entry.key.text == name), None)

    def at_key(self, step: Step, name: str, message: str, hint: str = "") -> Finding:
        """A finding about a key of a step, or about the step where the key is not written."""
        entry = self.key(step, name)
        if entry is None:
            return self.at(step, message, hint)
        return Finding(message, entry.key.place, hint, len(name), step.place)

    def at(self, step: Step, message: str, hint: str = "") -> Finding:
        """A finding about a step as a whole: at its name, or where it begins."""
        entry = self.key(step, "name")
        if entry is None or step.name is None:
            return Finding(message, step.place, hint, 1, step.place)
        return Finding(message, entry.value.place, hint, len(step.name), step.place)

    def reads_only(self, step: Step) -> bool:
        """Whether the step is known to change nothing."""
        return isinstance(step.action, Command) and self.facts.called(literal(step)).reads_only

    def _node(self, place: Place) -> MapNode | None:
        if self._nodes is None:
            self._nodes = {}
            open_nodes: list[Node] = [self.document]
            while open_nodes:
                node = open_nodes.pop()
                if isinstance(node, MapNode):
                    self._nodes[node.place] = node
                    open_nodes += [entry.value for entry in node.entries]
                elif isinstance(node, ListNode):
                    open_nodes += node.items
        return self._nodes.get(place)


class Rule(NamedTuple):
    """One rule. `find` is None where the compiler itself finds it."""

    name: str
    severity: str
    summary: str
    explanation: str
    find: Callable[[Subject], Iterator[Finding]] | None


def literal(step: Step) -> tuple[str, ...]:
    """The words of a step's command that are known before it runs, up to the first that is not."""
    words: list[str] = []
    for word in step.action.words if isinstance(step.action, Command) else ():
        if not isinstance(word, str):
            break
        words.append(word)
    return tuple(words)

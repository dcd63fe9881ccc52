"""Names for unnamed steps, taken from what they do.

A step without a name has its position for a path, which changes with every step that is put in
before it. A name is unique in the whole playbook and equals nothing that an expression reads, so
that no expression can come to mean something else.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence

from orchestrate.errors import Place
from orchestrate.playbook.document.kinds import STEP_LISTS
from orchestrate.playbook.edits import Fix, added_entry
from orchestrate.playbook.expression.known import BUILT_INS, INTERNAL_NAMES, normalise
from orchestrate.playbook.names import RESERVED_WORDS
from orchestrate.playbook.nodes import ListNode, MapNode, Node, Scalar

_WORD = re.compile(r"[A-Za-z_][\w-]*")
_PLAIN = re.compile(r"[a-z][a-z0-9_-]*")
_UNUSUAL = re.compile(r"[^a-z0-9]+")
_NAMING = frozenset(("name", "as", "when", "condition", "until"))
"""Keys whose whole values may hold names."""
_HANDLERS = ("on_failure", "on_success", "finally")
_LONGEST = 40


def name_steps(document: MapNode, lines: Sequence[str], taken: Iterable[str]) -> dict[Place, Fix]:
    """For each unnamed step, by its place, the edit that names it. `taken` are names that mean
    something else already.
    """
    steps = [step for step in _steps(document) if step.entries]
    used = {normalise(name) for name in (*taken, *_words(document))}
    used |= {*BUILT_INS, *RESERVED_WORDS, *INTERNAL_NAMES, *_HANDLERS}
    repeated = _repeated(step.place for step in steps)
    fixes: dict[Place, Fix] = {}
    numbers: Counter[str] = Counter()
    for step in steps:
        if step.get("name") is not None or step.place in repeated:
            continue
        first = step.entries[0].key
        name = _free(_described(step), used, numbers)
        fix = added_entry(step, first, f"name: {name}", lines)
        # Where an anchor or a merge stands first, the place of the first key is elsewhere.
        flow = lines[step.place.line - 1].startswith("{", step.place.column - 1)
        if fix and (flow or first.place == step.place):
            used.add(normalise(name))
            fixes[step.place] = fix
    return fixes


def _steps(node: Node) -> Iterator[MapNode]:
    """All steps of a document, in written order; branches are none."""
    for entry in node.entries if isinstance(node, MapNode) else ():
        items = entry.value.items if isinstance(entry.value, ListNode) else ()
        if entry.key.text in STEP_LISTS:
            for item in items:
                if isinstance(item, MapNode):
                    yield item
                    yield from _steps(item)
        elif entry.key.text == "branches":
            for item in items:
                yield from _steps(item)


def _repeated(places: Iterable[Place]) -> set[Place]:
    """Places that come several times: steps that are repeated by an alias."""
    seen: set[Place] = set()
    return {place for place in places if place in seen or seen.add(place)}


def _words(node: Node) -> Iterator[str]:
    """Whatever could be a name: names, those of variables, and words of expressions."""
    nodes: list[Node] = [node]
    while nodes:
        match nodes.pop():
            case Scalar(value=str() as text) if "${" in text:
                yield from _WORD.findall(text, text.index("${"))
            case ListNode(items=items):
                nodes += items
            case MapNode(entries=entries):
                for entry in entries:
                    if entry.key.text == "variables" and isinstance(entry.value, MapNode):
                        yield from (inner.key.text for inner in entry.value.entries)
                    if entry.key.text in _NAMING:
                        yield from _WORD.findall(_text(entry.value))
                    nodes.append(entry.value)
            case _:
                pass


def _free(wanted: str, used: Collection[str], last: Counter[str]) -> str:
    """The name, or the next of its numbered forms that is free; `last` are the numbers given."""
    name = wanted if not last[wanted] else f"{wanted}-{last[wanted] + 1}"
    while normalise(name) in used:
        last[wanted] += 1
        name = f"{wanted}-{last[wanted] + 1}"
    return name


def _described(step: MapNode) -> str:
    """What the step does, in one to three words."""
    called = _text(step.get("command")) or _text(step.get("shell"))
    kind = _text(step.get("type"))
    if called and not (step.get("until") or step.get("duration")):
        words = _of_call(called)
    elif kind == "foreach":
        words = ["each", _text(step.get("as"))]
    elif kind == "playbook":
        words = [_text(step.get("playbook")).rpartition("/")[2].partition(".")[0]]
    elif kind == "set":
        variables = step.get("variables")
        named = variables.entries if isinstance(variables, MapNode) else ()
        words = ["set", *(entry.key.text for entry in named[:1])]
    else:
        words = [kind or "script"]
    name = "-".join(filter(None, (_UNUSUAL.sub("-", word.lower()).strip("-") for word in words)))
    name = name[:_LONGEST].strip("-")
    return name if name and name[0].isalpha() else f"run-{name}".strip("-")


def _of_call(text: str) -> list[str]:
    """The program, and the word behind it if that is a verb (`/infra deploy`, `git pull`)."""
    words = text.split()
    program = words[0].strip("\"'").rpartition("/")[2].partition(".")[0]
    if not _WORD.fullmatch(program) or "=" in words[0] or "$" in words[0]:
        return ["call"]
    verbs = [word for word in words[1:2] if _PLAIN.fullmatch(word)]
    named = [program, *verbs]
    return named if normalise(program) not in RESERVED_WORDS or verbs else ["run", program]


def _text(node: Node | None) -> str:
    return node.text.strip() if isinstance(node, Scalar) else ""

"""A figure as a Mermaid flowchart, for Markdown pages that render it."""

from collections.abc import Iterator

from orchestrate.library.drawing.figure import Figure, Group
from orchestrate.library.drawing.palette import COLOURS, shortened

_SHAPES = {"conditional": ("{{", "}}"), "wait": ("([", "])"), "approval": ("[/", "/]")}


def mermaid(name: str, groups: tuple[Group, ...]) -> str:
    """The flowchart's text."""
    return "\n".join(["flowchart TD", *_Chart().lines(name, groups)]) + "\n"


class _Chart:
    def __init__(self) -> None:
        self._count = 0
        self._used: dict[str, list[str]] = {}

    def lines(self, name: str, groups: tuple[Group, ...]) -> Iterator[str]:
        yield f'  start(["{_escape(name)}"])'
        previous = "start"
        for group in groups:
            if group.aside:
                yield from self._aside("start", group, "  ")
                continue
            names: list[str] = []
            for figure in group.figures:
                names.append(self._next())
                yield from self._figure(names[-1], figure, "  ")
            yield from _arrows(names, group, previous, "  ")
        for state, names in self._used.items():
            fill, stroke = COLOURS[state]
            yield f"  classDef {state} fill:{fill},stroke:{stroke}"
            yield f"  class {','.join(names)} {state}"

    def _next(self) -> str:
        self._count += 1
        return f"s{self._count}"

    def _figure(self, identity: str, figure: Figure, indent: str) -> Iterator[str]:
        if figure.state in COLOURS:
            self._used.setdefault(figure.state, []).append(identity)
        inner = [group for group in figure.groups if not group.aside]
        if inner:
            caption = _escape(f"{figure.name}: {shortened(figure.call)}")
            yield f'{indent}subgraph {identity}["{caption}"]'
            for group in inner:
                yield from self._inner(group, indent + "  ")
            yield f"{indent}end"
        else:
            left, right = _SHAPES.get(figure.kind, ("[", "]"))
            yield f'{indent}{identity}{left}"{_label(figure)}"{right}'
        for group in figure.groups:
            if group.aside:
                yield from self._aside(identity, group, indent)

    def _inner(self, group: Group, indent: str) -> Iterator[str]:
        if group.caption:
            yield f'{indent}subgraph {self._next()}["{_escape(group.caption)}"]'
            yield from self._sequence(group, indent + "  ")
            yield f"{indent}end"
        else:
            yield from self._sequence(group, indent)

    def _sequence(self, group: Group, indent: str) -> Iterator[str]:
        names: list[str] = []
        for figure in group.figures:
            names.append(self._next())
            yield from self._figure(names[-1], figure, indent)
        yield from _arrows(names, group, "", indent)

    def _aside(self, owner: str, group: Group, indent: str) -> Iterator[str]:
        identity = self._next()
        yield f'{indent}subgraph {identity}["{_escape(group.caption)}"]'
        yield from self._sequence(group, indent + "  ")
        yield f"{indent}end"
        yield f"{indent}{owner} -. {group.caption} .-> {identity}"


def _arrows(names: list[str], group: Group, before: str, indent: str) -> Iterator[str]:
    for name, figure in zip(names, group.figures, strict=True):
        if before and not figure.follows:
            yield f"{indent}{before} --> {name}"
        for followed in figure.follows:
            yield f"{indent}{names[followed]} --> {name}"


def _label(figure: Figure) -> str:
    return f"<b>{_escape(figure.name)}</b><br/>{_escape(shortened(figure.call))}"


def _escape(text: str) -> str:
    """Text in quotes: Mermaid knows entities, and takes nothing else as a sign there."""
    for sign, entity in (("&", "&amp;"), ('"', "&quot;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(sign, entity)
    return text.replace("`", "#96;")

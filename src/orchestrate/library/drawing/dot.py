"""A figure in the DOT language of Graphviz."""

from collections.abc import Iterator

from orchestrate.library.drawing.figure import Figure, Group
from orchestrate.library.drawing.palette import COLOURS, shortened


def dot(name: str, groups: tuple[Group, ...]) -> str:
    """The graph's text, for `dot -Tsvg` and the like."""
    lines = [
        f"digraph {_quoted(name)} {{",
        "  compound=true",
        '  node [shape=box, style="rounded,filled", fillcolor="#ffffff", fontname="sans-serif"]',
        '  graph [style=rounded, color="#9ca3af", fontname="sans-serif"]',
        *_Graph().lines(name, groups),
        "}",
    ]
    return "\n".join(lines) + "\n"


class _Node:
    """What arrows begin and end at: nodes, and the clusters around them ("" for none)."""

    def __init__(self, first: str, last: str, cluster: str) -> None:
        self.first, self.last, self.cluster = first, last, cluster


class _Graph:
    def __init__(self) -> None:
        self._count = 0

    def lines(self, name: str, groups: tuple[Group, ...]) -> Iterator[str]:
        yield f"  start [label={_quoted(name)}, shape=oval]"
        begin = _Node("start", "start", "")
        for group in groups:
            if group.aside:
                yield from self._aside(begin, group, "  ")
            else:
                yield from self._sequence(group, "  ", begin)

    def _next(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}{self._count}"

    def _sequence(self, group: Group, indent: str, before: _Node | None = None) -> "Iterator[str]":
        nodes: list[_Node] = []
        for figure in group.figures:
            node = _Node("", "", "")
            yield from self._figure(figure, indent, node)
            nodes.append(node)
            earlier = [nodes[followed] for followed in figure.follows]
            if not earlier and before is not None:
                earlier = [before]
            for other in earlier:
                yield f"{indent}{_arrow(other, node)}"

    def _figure(self, figure: Figure, indent: str, node: _Node) -> Iterator[str]:
        inner = [group for group in figure.groups if not group.aside]
        if inner:
            yield from self._cluster(figure, inner, indent, node)
        else:
            node.first = node.last = self._next("n")
            label = _quoted(figure.name, shortened(figure.call))
            fill, line = COLOURS.get(figure.state, ("#ffffff", "#4b5563"))
            colours = f'fillcolor="{fill}", color="{line}"'
            yield f"{indent}{node.first} [label={label}, {colours}]"
        for group in figure.groups:
            if group.aside:
                yield from self._aside(node, group, indent)

    def _cluster(
        self, figure: Figure, inner: list[Group], indent: str, node: _Node
    ) -> Iterator[str]:
        node.cluster = self._next("cluster_")
        node.first = node.last = self._next("n")
        caption = f"{figure.name}: {shortened(figure.call)}"
        yield f"{indent}subgraph {node.cluster} {{"
        yield f"{indent}  label={_quoted(caption)}"
        if figure.state in COLOURS:
            yield f'{indent}  color="{COLOURS[figure.state][1]}"'
        # A point inside, so that arrows have something to begin and end at.
        yield f"{indent}  {node.first} [shape=point, style=invis]"
        for group in inner:
            yield from self._boxed(group, indent + "  ")
        yield f"{indent}}}"

    def _boxed(self, group: Group, indent: str) -> Iterator[str]:
        if not group.caption:
            yield from self._sequence(group, indent)
            return
        yield f"{indent}subgraph {self._next('cluster_')} {{"
        yield f"{indent}  label={_quoted(group.caption)}"
        yield from self._sequence(group, indent + "  ")
        yield f"{indent}}}"

    def _aside(self, owner: _Node, group: Group, indent: str) -> Iterator[str]:
        cluster, anchor = self._next("cluster_"), self._next("n")
        yield f"{indent}subgraph {cluster} {{"
        yield f"{indent}  label={_quoted(group.caption)}"
        yield f'{indent}  style="rounded,dashed"'
        yield f"{indent}  {anchor} [shape=point, style=invis]"
        yield from self._sequence(group, indent + "  ")
        yield f"{indent}}}"
        yield f"{indent}{_arrow(owner, _Node(anchor, anchor, cluster), 'style=dashed')}"


def _arrow(one: _Node, other: _Node, style: str = "") -> str:
    marks = [f"ltail={one.cluster}"] if one.cluster else []
    marks += [f"lhead={other.cluster}"] if other.cluster else []
    marks += [style] if style else []
    return f"{one.last} -> {other.first}" + (f" [{', '.join(marks)}]" if marks else "")


def _quoted(*lines: str) -> str:
    """A DOT string of one or more lines."""
    escaped = (line.replace("\\", "\\\\").replace('"', '\\"') for line in lines)
    return '"' + "\\n".join(escaped) + '"'

"""Builds the tree of nodes from the parser's events, without recursion."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn, cast

import yaml

from orchestrate.errors import Place
from orchestrate.playbook.diagnostics import Diagnostics
from orchestrate.playbook.nodes import Entry, ListNode, MapNode, Node, Scalar
from orchestrate.playbook.reading.limits import DEEPEST, LONGEST_TEXT, MOST
from orchestrate.playbook.reading.scalars import Layout, typed

_LONGEST_WRITTEN = 4 * LONGEST_TEXT
"""As it stands in the file: with its indentation, folds and escapes."""
_EXPRESSION = re.compile(r"(?<!\$)\$\{")


class Stopped(Exception):  # noqa: N818 - not an error of its own: the diagnostic is recorded
    """Reading cannot go on; why is in the diagnostics."""


class _Open:
    """A list or mapping whose end has not come yet."""

    __slots__ = ("anchor", "children", "entries", "key", "keys", "merged", "place", "size")

    def __init__(self, place: Place, anchor: str | None, *, mapping: bool) -> None:
        self.place = place
        self.anchor = anchor
        self.size = 1
        self.children: list[Node] = []
        self.entries: list[Entry] | None = [] if mapping else None
        self.key: Scalar | None = None
        self.keys: dict[str, Place] = {}
        self.merged: list[tuple[int, Node]] = []


class TreeBuilder:
    """Takes events one after another; `root` is the tree once the document ended."""

    def __init__(self, layout: Layout, diagnostics: Diagnostics) -> None:
        self.root: Node | None = None
        self._layout = layout
        self._diagnostics = diagnostics
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._documents = 0
        # A table, because a large file has hundreds of thousands of events.
        self._takes: dict[type[object], Callable[[Any], None]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: partial(self._start, mapping=True),
            yaml.SequenceStartEvent: partial(self._start, mapping=False),
            yaml.MappingEndEvent: self._end,
            yaml.SequenceEndEvent: self._end,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._document,
        }

    def take(self, event: Any) -> None:
        """The next event of PyYAML's parser."""
        take = self._takes.get(cast("type[object]", type(event)))
        if take is not None:
            take(event)

    def _document(self, event: Any) -> None:
        self._documents += 1
        if self._documents > 1:
            self._stop(
                "several-documents",
                "a file holds one playbook; a second YAML document begins here",
                self._place(event),
                hint="remove the `---`, or move what follows into a file of its own",
            )

    def _scalar(self, event: Any) -> None:
        self._refuse_tag(event)
        style = "" if event.style in (None, "") else event.style
        mark, end, text = event.start_mark, event.end_mark.index, event.value
        place = self._place(event)
        if len(text) > LONGEST_TEXT or end - mark.index > _LONGEST_WRITTEN:
            self._stop(
                "text-too-long",
                f"a value has more than {LONGEST_TEXT:,} characters",
                place,
                hint="keep so much in a file of its own, and give its name",
            )
        if not style and event.end_mark.line == mark.line:  # most of them
            lines, jumps = (place,), ()
        elif style in ("|", ">"):
            lines, jumps = self._layout.of_block(text, mark.line, end)
        else:
            lines, jumps = self._layout.of_flow(mark.index, mark.line, mark.column, end, style)
        if "\0" in text:
            self._diagnostics.error(
                "control-character",
                "a value cannot hold the character NUL: no program could be given it",
                place,
                hint="remove it; pass such data in a file",
            )
        value = text if style else typed(text)
        self._add(Scalar(value, text, bool(style), place, lines, jumps), 1, event.anchor)

    def _start(self, event: Any, *, mapping: bool) -> None:
        self._refuse_tag(event)
        place = self._place(event)
        if self._expects_key():
            self._stop(
                "complex-key",
                "a list or mapping cannot be a key",
                place,
                hint="an expression is written `${name}`; quote text that begins with a brace",
            )
        if len(self._open) >= DEEPEST:
            self._stop(
                "nesting-too-deep",
                f"lists and mappings are nested more than {DEEPEST} deep",
                place,
                hint="move inner parts into sub-playbooks (`type: playbook`)",
            )
        self._open.append(_Open(place, event.anchor, mapping=mapping))

    def _end(self, _: Any) -> None:
        done = self._open.pop()
        node: Node
        if done.entries is None:
            node = ListNode(tuple(done.children), done.place)
        else:
            entries = self._merge(done) if done.merged else done.entries
            node = MapNode(tuple(entries), done.place)
        self._add(node, done.size, done.anchor)

    def _alias(self, event: Any) -> None:
        place = self._place(event)
        if event.anchor not in self._anchors:
            if any(part.anchor == event.anchor for part in self._open):
                rule, message = "recursive-alias", f"`*{event.anchor}` stands inside itself"
                hint = "an alias can only repeat what ended before it"
            else:
                rule, message = "undefined-alias", f"no `&{event.anchor}` was seen before this"
                hint = f"quote it if it is meant as text: '*{event.anchor}'"
            self._stop(rule, message, place, hint=hint)
        node, size = self._anchors[event.anchor]
        self._add(node, size, None, alias=place)

    def _add(self, node: Node, size: int, anchor: str | None, alias: Place | None = None) -> None:
        """Put a finished node into what is open around it."""
        if anchor is not None:
            self._anchors[anchor] = (node, size)
        if not self._open:
            self.root = node if not self._is_nothing(node) else None
            return
        parent = self._open[-1]
        parent.size += size
        if parent.size > MOST:
            replaced = "with its aliases replaced " if alias else ""
            self._stop(
                "exploding-aliases" if alias else "file-too-large",
                f"{replaced}the file has more than {MOST:,} values",
                alias or node.place,
                hint="use a `foreach`, or a sub-playbook, instead of repeating so much",
            )
        if parent.entries is None:
            parent.children.append(node)
        elif parent.key is None:
            parent.key = self._key(node, alias or node.place)
        else:
            self._entry(parent, parent.key, node)
            parent.key = None

    def _key(self, node: Node, place: Place) -> Scalar:
        if not isinstance(node, Scalar):
            hint = "an alias stands for a whole value; a key is text"
            self._stop("complex-key", "a list or mapping cannot be a key", place, hint=hint)
        if not node.text:
            self._diagnostics.error(
                "empty-key",
                "a key is missing before the colon",
                place,
                hint="write `key: value`, or quote the value if the colon belongs to it",
            )
        elif "${" in node.text and _EXPRESSION.search(node.text):
            self._diagnostics.error(
                "expression-as-key",
                f"the expression `{node.text}` stands where a key is expected",
                place,
                hint="quote the whole value if the colon belongs to it; keys are fixed text",
                length=len(node.text),
            )
        return node

    def _entry(self, parent: _Open, key: Scalar, value: Node) -> None:
        assert parent.entries is not None
        if key.text == "<<" and not key.quoted:
            parent.merged.append((len(parent.entries), value))
            return
        first = parent.keys.get(key.text)
        if first is not None:
            self._diagnostics.error(
                "duplicate-key",
                f"the key `{key.text}` is here twice",
                key.place,
                hint=f"it was first given in line {first.line}; keep one of the two",
                length=len(key.text),
            )
            return
        parent.keys[key.text] = key.place
        parent.entries.append(Entry(key, value))

    def _merge(self, done: _Open) -> list[Entry]:
        """The entries with what `<<` brings; keys that stand in the mapping itself win."""
        assert done.entries is not None
        known = set(done.keys)
        merged = list(done.entries)
        for position, value in reversed(done.merged):
            sources = value.items if isinstance(value, ListNode) else (value,)
            added: list[Entry] = []
            for source in sources:
                if not isinstance(source, MapNode):
                    self._diagnostics.error(
                        "bad-merge",
                        "`<<` takes a mapping, or a list of mappings",
                        source.place,
                        hint="write `<<: *anchor`, where `&anchor` marks a mapping",
                    )
                    continue
                new = [entry for entry in source.entries if entry.key.text not in known]
                known.update(entry.key.text for entry in new)
                added += new
            merged[position:position] = added
        return merged

    def _refuse_tag(self, event: Any) -> None:
        if event.tag is None:
            return
        written = self._layout.text[event.start_mark.index :].split(maxsplit=1)[0]
        self._diagnostics.error(
            "tag-not-allowed",
            f"`{written}` is a YAML tag; playbooks have none",
            self._place(event),
            hint="quote the value if the exclamation mark belongs to it; "
            "in a condition write `not` instead of `!`",
            length=len(written),
        )

    def _expects_key(self) -> bool:
        return (
            bool(self._open) and self._open[-1].entries is not None and self._open[-1].key is None
        )

    @staticmethod
    def _is_nothing(node: Node) -> bool:
        return isinstance(node, Scalar) and node.value is None

    def _place(self, event: Any) -> Place:
        mark = event.start_mark
        return Place(self._layout.file, mark.line + 1, mark.column + 1)

    def _stop(self, rule: str, message: str, place: Place, *, hint: str = "") -> NoReturn:
        self._diagnostics.error(rule, message, place, hint=hint)
        raise Stopped

"""YAML text to a tree of nodes that know their places.

PyYAML's C parser delivers events; everything that the language refuses (several documents, tags,
duplicate keys, aliases that explode) is refused here, with a place. A parser's error stops the
reading; all others are collected and reading goes on.
"""

import codecs
import re
from typing import Any

import yaml

from orchestrate.errors import Place
from orchestrate.playbook.diagnostics import Diagnostics
from orchestrate.playbook.nodes import Node
from orchestrate.playbook.reading.limits import LARGEST, MOST_EXPRESSIONS
from orchestrate.playbook.reading.lines import split_lines
from orchestrate.playbook.reading.scalars import Layout
from orchestrate.playbook.reading.traps import explain
from orchestrate.playbook.reading.tree import Stopped, TreeBuilder

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_OTHER_ENCODINGS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
_EXAMPLE = "a playbook needs at least `steps:` with one step, such as `- command: /bin/true`"


def read(file: str, text: str | bytes, diagnostics: Diagnostics) -> Node | None:
    """The tree of a YAML text, or None if there is none; what is wrong goes to `diagnostics`.

    `file` is the name that places carry. Scalars are typed by the YAML 1.2 core schema.
    """
    if len(text) > LARGEST:
        diagnostics.error(
            "file-too-large",
            f"the file has more than {LARGEST:,} bytes",
            Place(file, 1, 1),
            hint="split it into sub-playbooks (`type: playbook`), or keep data in files of its own",
        )
        return None
    decoded = _decode(file, text, diagnostics) if isinstance(text, bytes) else text
    if decoded is None:
        return None
    decoded = decoded.removeprefix("\ufeff")
    diagnostics.add_source(file, decoded)
    if not _printable(file, decoded, diagnostics):
        return None
    if decoded.count("${") - decoded.count("$${") > MOST_EXPRESSIONS:
        diagnostics.error(
            "too-many-expressions",
            f"the file has more than {MOST_EXPRESSIONS:,} expressions",
            Place(file, 1, 1),
            hint="repeat steps with a `foreach`, or split the file into sub-playbooks",
        )
        return None
    return _parse(file, decoded, diagnostics)


def _decode(file: str, data: bytes, diagnostics: Diagnostics) -> str | None:
    for mark, encoding in _OTHER_ENCODINGS:
        if data.startswith(mark):
            diagnostics.error(
                "not-utf-8",
                f"the file is encoded in {encoding}",
                Place(file, 1, 1),
                hint="save it as UTF-8",
            )
            return None
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start].decode()
        diagnostics.add_source(file, data.decode(errors="replace"))
        diagnostics.error(
            "not-utf-8",
            f"the byte 0x{data[error.start]:02x} is not UTF-8",
            _place_after(file, before),
            hint="save the file as UTF-8",
        )
        return None


def _printable(file: str, text: str, diagnostics: Diagnostics) -> bool:
    found = _UNPRINTABLE.search(text)
    if found is None:
        return True
    diagnostics.error(
        "control-character",
        f"the character U+{ord(found.group()):04X} is not allowed",
        _place_after(file, text[: found.start()]),
        hint=r'remove it, or write it as an escape in double quotes, such as "\x1b"',
    )
    return False


def _place_after(file: str, before: str) -> Place:
    lines = split_lines(before)
    return Place(file, len(lines), len(lines[-1]) + 1)


def _parse(file: str, text: str, diagnostics: Diagnostics) -> Node | None:
    # The pure parser is several times slower, but everywhere.
    loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    layout = Layout(file, text)
    builder = TreeBuilder(layout, diagnostics)
    try:
        # Events are drawn one at a time, so what the builder refuses ends the parser's work too.
        parser = loader(text)
        try:
            while parser.check_event():
                builder.take(parser.get_event())
        finally:
            parser.dispose()
    except Stopped:
        return None
    except yaml.MarkedYAMLError as error:
        explain(error, layout, diagnostics)
        return None
    except yaml.YAMLError as error:
        diagnostics.error("yaml-syntax", f"this is not YAML: {error}", Place(file, 1, 1))
        return None
    if builder.root is None:
        diagnostics.error("empty-playbook", "the file is empty", Place(file, 1, 1), hint=_EXAMPLE)
    return builder.root

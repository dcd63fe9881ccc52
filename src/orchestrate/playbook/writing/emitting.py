"""From blocks to YAML text, in the style of the manual: as few quotes as possible, short lists in
one line, long texts folded, comments where they were.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, cast

from orchestrate.playbook.reading.scalars import typed
from orchestrate.playbook.writing.blocks import Block, Plain

WIDTH = 96
_FLOW = frozenset(("retry", "choices"))
"""Keys whose mapping or list is written in one line where it fits."""
_UNSAFE_START = re.compile(r"[-:](\s|$)|[?,\[\]{}#&*!|>'\"%@`~=<]|\.\.\.|---")
_UNSAFE = re.compile(r":(\s|$)|\s#|[\n\r\t]")
_UNSAFE_IN_FLOW = re.compile(r"[,\[\]{}]|:")
_ODD = re.compile(
    "[^\\x20-\\x7e\\u00a0-\\ud7ff\\ue000-\\ufefe\\uff00-\\ufffd\\U00010000-\\U0010ffff]"
)
_SEPARATORS = re.compile("[\\u2028\\u2029\\u0085]")


def write(document: Block) -> str:
    """The YAML text of a document."""
    return "\n".join(_mapping(document, "")) + "\n"


def scalar(value: Any, *, flow: bool = False) -> str:
    """A scalar in one line; `flow`: inside `[…]` or `{…}`."""
    if isinstance(value, Plain):
        return str(value)
    if not isinstance(value, str):
        return "null" if value is None else json.dumps(value)
    unsafe = (
        not value
        or value != value.strip()
        or not isinstance(typed(value), str)
        or _UNSAFE_START.match(value)
        or _UNSAFE.search(value)
        or _is_odd(value)
        or (flow and _UNSAFE_IN_FLOW.search(value))
    )
    return _quoted(value) if unsafe else value


def _is_odd(value: str) -> bool:
    return bool(_ODD.search(value) or _SEPARATORS.search(value))


def _quoted(value: str) -> str:
    if ('"' in value or "\\" in value) and "'" not in value and not _is_odd(value):
        return f"'{value}'"
    escaped = json.dumps(value, ensure_ascii=False)
    for pattern in (_ODD, _SEPARATORS):
        escaped = pattern.sub(lambda found: f"\\u{ord(found.group()):04x}", escaped)
    return escaped


def _mapping(block: Block, indent: str) -> Iterator[str]:
    for key, value in block.items():
        yield from _remark(block.remarks.get(key, ()), indent)
        yield from _entry(scalar(key), value, indent)


def _remark(lines: tuple[str, ...], indent: str) -> Iterator[str]:
    return (f"{indent}{line}" if line else "" for line in lines)


def _entry(key: str, value: Any, indent: str) -> Iterator[str]:
    head = f"{indent}{key}:"
    if isinstance(value, Block) and value and not (key in _FLOW and _fits(head, value)):
        yield head
        yield from _mapping(value, f"{indent}  ")
    elif isinstance(value, list) and not _fits(head, cast("list[Any]", value)):
        yield head
        yield from _items(cast("list[Any]", value), f"{indent}  ")
    elif isinstance(value, str) and "\n" in value and _can_be_block(value):
        yield f"{head} |" if value.endswith("\n") else f"{head} |-"
        for line in value.removesuffix("\n").split("\n"):
            yield f"{indent}  {line}" if line else ""
    elif isinstance(value, str) and len(head) + len(value) > WIDTH and _can_be_folded(value):
        yield f"{head} >-"
        yield from _folded(value, f"{indent}  ")
    else:
        yield f"{head} {_in_one_line(value)}"


def _items(values: list[Any], indent: str) -> Iterator[str]:
    for value in values:
        if not isinstance(value, Block) or not value:
            yield f"{indent}- {_in_one_line(value)}"
            continue
        yield from _remark(value.above, indent)
        first, *rest = _without_first_remark(value, f"{indent}  ")
        yield f"{indent}- {first.strip()}"
        yield from rest


def _without_first_remark(block: Block, indent: str) -> Iterator[str]:
    """What stands above the first key stands above the item: else it would tear the dash off."""
    first = next(iter(block))
    yield from _entry(scalar(first), block[first], indent)
    for key in list(block)[1:]:
        yield from _remark(block.remarks.get(key, ()), indent)
        yield from _entry(scalar(key), block[key], indent)


def _in_one_line(value: Any) -> str:
    if isinstance(value, dict):
        entries = cast("dict[str, Any]", value).items()
        inner = (f"{scalar(key, flow=True)}: {_within(item)}" for key, item in entries)
        return f"{{{', '.join(inner)}}}"
    if isinstance(value, list):
        return f"[{', '.join(_within(item) for item in cast('list[Any]', value))}]"
    return scalar(value)


def _within(value: Any) -> str:
    return _in_one_line(value) if isinstance(value, (dict, list)) else scalar(value, flow=True)


def _fits(head: str, value: Any) -> bool:
    """Whether a list or mapping holds scalars only, and few enough for one line."""
    held = cast("dict[str, Any]", value).values() if isinstance(value, dict) else value
    inner: list[Any] = list(held)
    return (
        not any(isinstance(item, (dict, list)) or "\n" in str(item) for item in inner)
        and len(head) + len(_in_one_line(value)) < WIDTH
    )


def _can_be_block(value: str) -> bool:
    """A literal block keeps every letter, but cannot begin with a space nor hold odd letters."""
    lines = value.split("\n")
    return (
        not value.startswith((" ", "\n"))
        and not value.endswith("\n\n")
        and not any(_is_odd(line) for line in lines)
        and bool(lines[0].strip())
        and not any(line and not line.strip() for line in lines)
    )


def _can_be_folded(value: str) -> bool:
    """Folding breaks at single spaces only."""
    return (
        value == " ".join(value.split(" "))
        and "  " not in value
        and not _is_odd(value)
        and (value == value.strip())
    )


def _folded(value: str, indent: str) -> Iterator[str]:
    """Lines of a folded text; an option stays together with its value where that is possible."""
    words: list[str] = []
    for word in value.split(" "):
        if words and len(indent) + len(" ".join(words)) + len(word) >= WIDTH:
            options = [at for at, each in enumerate(words) if at and each.startswith("--")]
            cut = options[-1] if options else len(words)
            yield f"{indent}{' '.join(words[:cut])}"
            words = words[cut:]
        words.append(word)
    yield f"{indent}{' '.join(words)}"

"""What a workflow that never ends hands on to its next run: what it keeps, and what it shows."""

import json
import zlib
from collections.abc import Sequence
from typing import Any, NamedTuple, NoReturn

from temporalio import workflow

from orchestrate.cluster import names
from orchestrate.cluster.answers import Answers
from orchestrate.cluster.payloads import Data

_MOST_SHOWN = 1 << 20
"""Bytes, as JSON, of what is shown that the next run begins with: Temporal takes 2 MB of it at
once. The rest is shown again when that run does its first work."""


class Kept(NamedTuple):
    """What a run begins with."""

    book: Data | None
    """What its book keeps; None for the first run of all."""
    answers: Answers


def unpack(state: bytes) -> Kept:
    """What `pack` made; b"" for nothing."""
    if not state:
        return Kept(None, Answers({}))
    kept: Data = json.loads(zlib.decompress(state))
    return Kept(kept["book"], Answers(kept["answers"]))


def pack(book: Data, answers: Answers) -> bytes:
    """Everything, as the argument of the next run."""
    return zlib.compress(json.dumps({"book": book, "answers": answers.kept}).encode(), 6)


def go_on(arguments: Sequence[Any], *first: str) -> NoReturn:
    """End this run, and begin the next one with these arguments. What the memo shows goes along, so
    that whoever looks meanwhile sees it: the answers, then the fields named `first`, then as many
    others as fit.
    """
    shown = workflow.memo()
    order = dict.fromkeys((names.ANSWERS, *first, *shown))
    room = _MOST_SHOWN
    taken: Data = {}
    for field in order:
        if field not in shown:
            continue
        room -= len(field) + _size(shown[field])
        if room < 0:
            break
        taken[field] = shown[field]
    workflow.continue_as_new(args=list(arguments), memo=taken)


def _size(value: Any) -> int:
    return len(value) if isinstance(value, bytes) else len(json.dumps(value))

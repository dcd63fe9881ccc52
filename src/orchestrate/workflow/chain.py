"""Hash chains: each row of a journal, and of the actions, carries a digest of itself and of the row
before. Whoever changes, removes or reorders rows would have to recompute all that follow.

Pure: bytes in, bytes out. What is digested is what the store holds, so nothing that was masked. The
form below is part of the format of the store: a digest that was written once must come out again.
"""

import hashlib

ACTIONS = hashlib.sha256(b"orchestrate actions 1\n").digest()
"""What comes before the first action."""


def journal_begin(workflow: str) -> bytes:
    """What comes before the first event of a workflow: no two journals can be exchanged."""
    return hashlib.sha256(b"orchestrate journal 1\n" + workflow.encode()).digest()


def link(before: bytes, number: int, at: float, *fields: bytes) -> bytes:
    """The digest of the row with that number, which follows the one whose digest is `before`.

    The length of each field is digested too, so that nothing can move from one to the next.
    """
    parts = [before, f"{number} {at!r}".encode()]
    parts += [b" %d:%b" % (len(field), field) for field in fields]
    return hashlib.sha256(b"".join(parts)).digest()

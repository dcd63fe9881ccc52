"""The checker itself: what it accepts and what it finds."""

import pytest
from histories.register import GRANT, RETURN, TAKE_AWAY, Operation, explain

Seen = tuple[str, int, float, float]


def history(*seen: Seen, shared: tuple[int, ...] = ()) -> list[Operation]:
    return [
        Operation(what, token, token in shared, begun, ended) for what, token, begun, ended in seen
    ]


END = float("inf")


@pytest.mark.parametrize(
    "seen",
    [
        history((GRANT, 1, 0, 1), (RETURN, 1, 2, 3), (GRANT, 2, 0, 4), (RETURN, 2, 5, 6)),
        # Somebody was told late of what he had; a token was given to one that died.
        history((GRANT, 1, 0, 1), (RETURN, 1, 2, END), (GRANT, 3, 0, 9)),
        history((GRANT, 1, 0, 1), (GRANT, 2, 0, 2), (GRANT, 3, 0, 3), shared=(1, 2, 3)),
        # Taken away while its holder works on.
        history((GRANT, 1, 0, 1), (TAKE_AWAY, 1, 2, 4), (GRANT, 2, 0, 5), (RETURN, 1, 6, 7)),
        # Nobody knows whether it was given back, but then it must have been.
        history((GRANT, 1, 0, 1), (RETURN, 1, 2, END), (GRANT, 2, 0, 3)),
    ],
)
def test_what_can_be_explained(seen: list[Operation]) -> None:
    found = explain(seen)
    assert found is not None
    assert {one for one in seen if not one.may_be_missing} <= {*found}


@pytest.mark.parametrize(
    "seen",
    [
        # Two at the same time.
        history((GRANT, 1, 0, 1), (GRANT, 2, 0, 2), (RETURN, 1, 3, 4), (RETURN, 2, 3, 4)),
        # One alone beside one that shares.
        history((GRANT, 1, 0, 1), (GRANT, 2, 0, 2), (RETURN, 1, 3, 4), shared=(1,)),
        # A token that does not rise, or comes twice.
        history((GRANT, 2, 0, 1), (RETURN, 2, 2, 3), (GRANT, 1, 4, 5)),
        history((GRANT, 1, 0, 1), (RETURN, 1, 2, 3), (GRANT, 1, 4, 5)),
        # Given before the one who had it could have lost it.
        history((GRANT, 1, 0, 1), (TAKE_AWAY, 1, 4, 5), (GRANT, 2, 0, 3)),
        # Two of three that alternate overlap.
        history((GRANT, 1, 0, 1), (RETURN, 1, 2, END), (GRANT, 2, 0, 3), (GRANT, 3, 0, 4),
                (RETURN, 2, 5, 6), (RETURN, 3, 7, 8)),
    ],
)  # fmt: skip
def test_what_cannot_be_explained(seen: list[Operation]) -> None:
    assert explain(seen) is None

"""What becomes of a request, on its way from a workflow to whoever asked."""

from collections.abc import Callable, Mapping
from typing import Any

from orchestrate.cluster.payloads import Data
from orchestrate.errors import ConflictError, NotFoundError, OrchestrateError, UsageError

_KINDS: Mapping[str, type[OrchestrateError]] = {
    kind.code: kind for kind in (ConflictError, NotFoundError, UsageError)
}
_MOST = 50


def answer_of(do: Callable[[], Any]) -> Data:
    """Do what is asked: what came of it, or why it is refused."""
    try:
        return {"value": do()}
    except OrchestrateError as error:
        return {"refused": {"code": error.code, "message": error.message, "hint": error.hint}}


def value_of(answer: Data) -> Any:
    """What came of it. Raises what it was refused with."""
    refusal = answer.get("refused")
    if refusal is not None:
        kind = _KINDS.get(refusal["code"], OrchestrateError)
        raise kind(refusal["message"], hint=refusal["hint"])
    return answer.get("value")


class Answers:
    """Those that a workflow gave, by request: the last `most`."""

    def __init__(self, kept: Mapping[str, Data], most: int = _MOST) -> None:
        self.kept = dict(kept)
        self._most = most

    def answer(self, identity: str, do: Callable[[], Any]) -> bool:
        """Do what is asked and keep what came of it; False if it was done before."""
        if identity in self.kept:
            return False
        self.kept[identity] = answer_of(do)
        while len(self.kept) > self._most:
            del self.kept[next(iter(self.kept))]
        return True

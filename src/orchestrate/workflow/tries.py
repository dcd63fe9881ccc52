"""Steps that contain steps and were tried more than once: which tries are history."""

from collections.abc import Iterable

from orchestrate.workflow import paths

_RETRY = "[retry "


class Tries:
    """The latest try of each such step, from the paths that are recorded."""

    def __init__(self, recorded: Iterable[str]) -> None:
        self._latest: dict[str, int] = {}
        for path in recorded:
            at = path.find(_RETRY)
            while at >= 0:
                step, number = path[:at], _number(path[at:])
                self._latest[step] = max(number, self._latest.get(step, 1))
                at = path.find(_RETRY, at + 1)

    def latest(self, step: str) -> str:
        """The path of the latest try of a step."""
        return paths.retried(step, self._latest.get(step, 1))

    def is_history(self, path: str) -> bool:
        """Whether it belongs to a try after which there was another."""
        for above in paths.ancestors(path):
            latest = self._latest.get(above, 1)
            rest = path[len(above) :]
            if latest == 1 or not rest or rest[1:].partition("/")[0] in paths.HANDLERS:
                continue
            if (_number(rest) if rest.startswith(_RETRY) else 1) < latest:
                return True
        return False


def _number(text: str) -> int:
    return int(text[len(_RETRY) : text.index("]")])

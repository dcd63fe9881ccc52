"""Drawing over lines that a terminal has wrapped anew since, because it was made narrower."""

import os
from collections.abc import Mapping, Sequence


def rows_more(widths: Sequence[int], columns: int, env: Mapping[str, str] = os.environ) -> int:
    """How many rows more than lines there are, if so wide lines stand where now are `columns`."""
    if columns < 1 or not _wraps_anew(env):
        return 0
    return sum(max(0, width - 1) // columns for width in widths)


def _wraps_anew(env: Mapping[str, str]) -> bool:
    """Most terminals do. xterm, GNU screen and the console of Linux cut off what has no room: there
    an erased row too many would be somebody else's.
    """
    if env.get("TMUX"):
        return True
    return not (env.get("XTERM_VERSION") or env.get("STY") or env.get("TERM") == "linux")

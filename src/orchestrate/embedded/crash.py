"""Named crash points, for tests that prove what survives `kill -9`.

`ORCHESTRATE_CRASH_AT=commit.after:3` ends the process with SIGKILL the third time it passes the
point `commit.after` (`:1` is the default); with `!stop` behind it, it is stopped instead. Unset,
passing a point costs one call of an empty function. The points, in the order in which a step meets
them:

- `claim.after`: a workflow was taken over, nothing of it has run here yet
- `recover.fenced`: earlier supervisors are fenced, the journal is not replayed yet
- `commit.before`, `commit.after`: around every commit of the writer thread
- `launch.before`, `launch.after`: around handing an attempt to the supervisor; its start is durable
- `outcome.before`: a supervisor reported an end, the journal does not know yet
- `acknowledge.before`: the end is durable, the supervisor has not been told yet
- `release.before`: the last commit of an owner, not yet durable
"""

import os
import signal

_SETTING = os.environ.get("ORCHESTRATE_CRASH_AT", "")

if not _SETTING:

    def crash_point(name: str) -> None:  # pyright: ignore[reportRedeclaration]
        """Pass a named point; does nothing, because no crash was asked for."""

else:
    _point, _, _how = _SETTING.partition("!")
    _name, _, _count = _point.partition(":")
    _left = int(_count or "1")

    def crash_point(name: str) -> None:
        """Pass a named point; the process ends here if it was asked to."""
        global _left
        if name == _name:
            _left -= 1
            if _left == 0:
                os.kill(os.getpid(), signal.SIGSTOP if _how == "stop" else signal.SIGKILL)

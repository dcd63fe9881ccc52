"""Processes that race to run one workflow, forked from one that has imported everything.

owners.py ROOT: reads one JSON object a line, `{"verb": "resume" or "take_over", "workflow": …}` to
fork a process that tries, or `{"kill": PID}`; answers the pid. Each process appends to `history`:
`wrote PID SEQ` once it has been told that its event is durable, and `left PID WORD` in the end.
"""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from control.people import services

from orchestrate.embedded.early import start_supervisor
from orchestrate.embedded.engine import EmbeddedEngine
from orchestrate.errors import OrchestrateError
from orchestrate.workflow.engine import ResumeOptions
from orchestrate.workflow.events import Event


class History:
    """Lines of one file, each written at once, so their order is that of what they tell."""

    def __init__(self, root: Path) -> None:
        self._file = os.open(root / "history", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def note(self, *words: object) -> None:
        """Append a line."""
        os.write(self._file, f"{' '.join(map(str, words))}\n".encode())


def compete(root: Path, asked: dict[str, Any]) -> None:
    """Try to run it, and tell what was written."""
    history, me = History(root), os.getpid()

    def tell(event: Event) -> None:
        if event.seq:  # what could not be written has none
            history.note("wrote", me, event.seq)

    engine = EmbeddedEngine(root / "state", services(root), start_supervisor(root / "state", None))
    try:
        if asked["verb"] == "take_over":
            ended = engine.take_over(asked["workflow"], tell)
        else:
            ended = engine.resume(asked["workflow"], ResumeOptions(actor=str(me)), tell)
        word = "woke" if ended is None else str(ended.state)
    except OrchestrateError as error:
        word = error.code
    except BaseException as error:
        word = f"broken:{error!r}".replace(" ", "_")
    history.note("left", me, word)
    engine.close(process_ends=True)


def main() -> None:
    root = Path(sys.argv[1])
    for line in sys.stdin:
        asked = json.loads(line)
        pid = asked.get("kill", 0)
        if pid:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        elif not (pid := os.fork()):
            os.close(0)
            os.open(os.devnull, os.O_RDONLY)
            compete(root, asked)
            os._exit(0)
        print(pid, flush=True)


if __name__ == "__main__":
    main()

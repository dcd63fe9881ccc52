"""Processes that run and control workflows, forked from one that has imported everything.

people.py ROOT: reads one JSON object a line, `{"verb": …, "workflow": …, …}` to fork a process
that does it, `{"kill": PID}` or `{"gone": PID}`. Answers the pid. Each process writes how its verb
ended to `answers/PID`.
"""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from orchestrate.commands.model import Resolved
from orchestrate.embedded.early import start_supervisor
from orchestrate.embedded.engine import EmbeddedEngine
from orchestrate.embedded.services import HostServices
from orchestrate.errors import OrchestrateError
from orchestrate.workflow.approvals import Answer, Approver
from orchestrate.workflow.engine import ResumeOptions


class Programs:
    """No command is called by these playbooks, only shells are."""

    def resolve(self, words: Any) -> Resolved:
        raise AssertionError(words)


def services(root: Path) -> HostServices:
    return HostServices(
        root=str(root),
        registry_for=lambda _: Programs(),
        environment={"PATH": os.environ["PATH"], "ROOT": str(root)},
        resolve_secrets=lambda _: {},
        actor=f"process {os.getpid()}",
        kill_grace=2.0,
    )


def do(engine: EmbeddedEngine, asked: dict[str, Any]) -> Any:
    workflow, actor = asked["workflow"], f"process {os.getpid()}"
    match asked["verb"]:
        case "run":
            return engine.run(workflow).state
        case "resume":
            options = ResumeOptions(actor=actor, unknown=asked.get("unknown"))
            ended = engine.resume(workflow, options)
            return "woken" if ended is None else ended.state
        case "pause":
            wanted = {k: asked[k] for k in ("now", "checkpoint", "resume_after")}
            return engine.pause(workflow, actor=actor, **wanted)
        case "cancel":
            return engine.cancel(workflow, actor=actor)
        case "complete":
            return engine.complete(workflow, actor=actor, force=True)
        case "approve":
            return engine.answer(workflow, asked["path"], Answer(), Approver(actor))
        case "reject":
            return engine.answer(workflow, asked["path"], Answer(rejects=True), Approver(actor))
        case verb:
            raise AssertionError(verb)


def person(root: Path, asked: dict[str, Any]) -> None:
    state = root / "state"
    owns = asked["verb"] in ("run", "resume")
    supervisor = start_supervisor(state, None) if owns else None
    engine = EmbeddedEngine(state, services(root), supervisor)
    try:
        said = {"done": do(engine, asked)}
    except OrchestrateError as error:
        said = {"refused": error.code, "message": error.message}
    except BaseException as error:
        said = {"broken": repr(error)}
    answer = root / "answers" / str(os.getpid())
    answer.with_suffix(".new").write_text(json.dumps(said))
    answer.with_suffix(".new").rename(answer)
    engine.close(process_ends=True)


def main() -> None:
    root = Path(sys.argv[1])
    children: set[int] = set()
    for line in sys.stdin:
        asked = json.loads(line)
        pid = asked.get("kill", 0)
        if pid in children:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            children.discard(pid)
        elif pid:
            pass  # it has ended by itself
        elif not (pid := os.fork()):
            os.close(0)
            os.open(os.devnull, os.O_RDONLY)
            person(root, asked)
            os._exit(0)
        children.add(pid)
        for child in tuple(children):
            try:
                if os.waitpid(child, os.WNOHANG)[0]:
                    children.discard(child)
            except ChildProcessError:
                children.discard(child)
        print(pid, flush=True)


if __name__ == "__main__":
    main()

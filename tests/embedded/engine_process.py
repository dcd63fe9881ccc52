"""A process that runs an engine, for tests that kill it.

    engine_process.py ROOT SERVICES-JSON run PLAYBOOK-TEXT | resume ID | own ID | cancel ID …
                                         | serve PLAYBOOK-TEXT…

Prints one JSON object per line: the id as soon as it exists, then how it ended.
"""

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from contract.programs import Programs, new_workflow

from orchestrate.embedded.early import start_supervisor
from orchestrate.embedded.engine import EmbeddedEngine
from orchestrate.embedded.services import HostServices
from orchestrate.embedded.serving import Serving
from orchestrate.errors import OrchestrateError
from orchestrate.workflow.engine import Ended, ResumeOptions


def services(root: Path) -> HostServices:
    return HostServices(
        root=str(root),
        registry_for=lambda environment: Programs(),
        environment={"PATH": os.environ["PATH"], "ROOT": str(root)},
        resolve_secrets=lambda secrets: {s.name: os.environ[s.name] for s in secrets},
        actor="tester",
        kill_grace=2.0,
    )


def say(**values: object) -> None:
    print(json.dumps(values), flush=True)


def ended(outcome: Ended | None) -> None:
    if outcome is None:
        say(woken=True)
    else:
        say(**outcome._asdict())


def main() -> None:
    root, more, verb, *arguments = sys.argv[1:]
    state = Path(root) / "state"
    supervisor = start_supervisor(state, None)
    settings = services(Path(root))._replace(**json.loads(more))
    engine = EmbeddedEngine(state, settings, supervisor)
    try:
        match verb:
            case "run":
                workflow, _ = engine.create(new_workflow(arguments[0]))
                say(id=workflow)
                ended(engine.run(workflow))
            case "serve":
                serving = Serving(engine, ended, lambda refused: say(refused=refused.reason))
                for text in arguments:
                    serving.begin(engine.create(new_workflow(text))[0])
                while True:
                    serving.turn()
            case "own":
                ended(engine.run(arguments[0]))
            case "resume":
                ended(engine.resume(arguments[0], ResumeOptions(actor="tester")))
            case "cancel":
                engine.cancel(arguments[0], actor="tester")
                say(cancelled=True)
    except OrchestrateError as error:
        say(error=error.code, message=error.message)
    finally:
        engine.close()
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()

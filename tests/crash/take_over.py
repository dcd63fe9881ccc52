"""Continue a workflow although the process that runs it lives: `take_over.py ID`."""

import sys

from orchestrate.app import open_app
from orchestrate.errors import OrchestrateError
from orchestrate.workflow.outcomes import State


def main() -> int:
    """0 if it succeeded, 4 if it needs attention."""
    with open_app().open_engine() as engine:
        try:
            ended = engine.take_over(sys.argv[1])
        except OrchestrateError as error:
            print(f"{error.code}: {error.message}")
            return 1
    print(ended)
    return {State.SUCCEEDED: 0, State.NEEDS_ATTENTION: 4}.get(ended.state, 1)


if __name__ == "__main__":
    sys.exit(main())

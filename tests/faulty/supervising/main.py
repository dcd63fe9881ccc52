"""The supervisor of which calls may fail: `main.py DIRECTORY ID`, as the real one is started.

What may fail is told by a file in the project to which the directory belongs. (Slots are known by
the end of this file's path.)
"""

import runpy
import sys
from pathlib import Path

_TESTS = __file__.rpartition("/faulty/")[0]


def main() -> None:
    sys.path.insert(0, _TESTS)
    from faulty.chance import Chance, read_settings

    settings = read_settings(sys.argv[1].rpartition("/state/supervisors/")[0] + "/faults.json")
    program = str(settings["supervisor"])
    chance = Chance(settings)
    if chance.has("supervisor"):
        from faulty import calls

        before = len([*Path(sys.argv[1]).parent.iterdir()])
        chance.begin(f"{settings['role']} supervisor {before}")
        calls.install(chance)
    runpy.run_path(program, run_name="__main__")


if __name__ == "__main__":
    main()

"""Runs a command that an installed Python package offers, in a process of its own.

`python -m orchestrate.commands.entry NAME ARGUMENT…` calls the entry point NAME of the group
`orchestrate.commands`: a callable that takes the list of arguments and returns an exit code.
"""

import sys
from collections.abc import Sequence
from importlib.metadata import entry_points


def main(argv: Sequence[str]) -> int:
    """Call the entry point `argv[0]` with the other words; its exit code, 0 for None."""
    name, *arguments = argv
    found = next(iter(entry_points(group="orchestrate.commands", name=name)), None)
    if found is None:
        print(f"no installed package offers the command `{name}` any more", file=sys.stderr)
        return 2
    try:
        command = found.load()
    except ImportError as error:
        print(f"the command `{name}` ({found.value}) cannot be loaded: {error}", file=sys.stderr)
        return 2
    code = command(arguments)
    return 0 if code is None else int(code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

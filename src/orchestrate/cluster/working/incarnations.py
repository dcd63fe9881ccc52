"""How often a worker has come back: with that number its processes tell each other apart, so that
what an earlier one had asked of its supervisors is refused once a later one has asked about it.
"""

from pathlib import Path

from orchestrate.cluster.working.durable import replace

_NAME = "incarnation"


def next_incarnation(directory: Path) -> int:
    """The number of this process of the worker, higher than all before; nobody else uses the
    directory meanwhile.
    """
    file = directory / _NAME
    try:
        last = int(file.read_text())
    except (FileNotFoundError, ValueError):
        last = 0
    replace(file, f"{last + 1}\n")
    return last + 1

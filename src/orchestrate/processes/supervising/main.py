"""Entry point of the supervisor process: `python -I -S main.py DIRECTORY ID`.

The packages above this folder are entered in `sys.modules` as bare namespaces, so that the modules
here have the names that the rest of the program knows them by, and nothing else is ever imported.
"""

import sys

_HERE = __file__.rpartition("/")[0]


def _enter_namespace(name: str, folder: str) -> None:
    namespace = type(sys)(name)
    namespace.__path__ = [folder]
    sys.modules[name] = namespace


if __name__ == "__main__":
    _processes = _HERE.rpartition("/")[0]
    _enter_namespace("orchestrate", _processes.rpartition("/")[0])
    _enter_namespace("orchestrate.processes", _processes)
    _enter_namespace("orchestrate.processes.supervising", _HERE)

    try:
        from orchestrate.processes.supervising import program
    except (EOFError, ValueError):
        # Byte code that was cut off when the disk was full stays in the cache: do without it.
        sys.pycache_prefix = "/dev/null"
        sys.dont_write_bytecode = True
        from orchestrate.processes.supervising import program

    program.main(sys.argv[1], sys.argv[2])

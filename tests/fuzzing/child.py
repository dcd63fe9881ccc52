"""One target under Atheris: `python -m fuzzing.child NAME FINDINGS SEEDS [libFuzzer's options]`.

What is found is written down, each fault once, and the search goes on. `SEEDS` is a folder that is
filled with what the target begins with.
"""

import importlib
import os
import sys
import traceback
from hashlib import sha256
from pathlib import Path

import atheris

_ASYNCHRONOUS = [
    "orchestrate.daemon.receiver", "orchestrate.web.application", "orchestrate.web.console",
    "orchestrate.web.feed", "orchestrate.web.routes.library", "orchestrate.web.routes.live",
    "orchestrate.web.routes.texts", "orchestrate.web.site",
]  # fmt: skip
"""Coroutines hang once Atheris has changed their code."""


def main() -> None:
    name, findings, seeds = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    with atheris.instrument_imports(include=["orchestrate", "cronsim"], exclude=_ASYNCHRONOUS):
        common = importlib.import_module("fuzzing.target")
        target = common.target_named(name)
        known: set[str] = set()

        def play(data: bytes) -> None:
            try:
                target.check(data)
            except Exception as error:
                place = common.innermost(error)
                if place in known:
                    return
                known.add(place)
                file = findings / f"{name}-{sha256(place.encode()).hexdigest()[:8]}"
                file.write_bytes(data)
                told = "".join(traceback.format_exception(error)[-4:])
                file.with_suffix(".txt").write_text(f"{place}\n{told}", "utf-8", "replace")
                os.write(2, f"FOUND {place}: {str(error)[:200]!a}\n".encode())

        beginning = list(target.seeds())
        for data in beginning:  # also what is imported late is instrumented
            play(data)
        for data in beginning:
            if len(data) <= target.longest:
                (seeds / sha256(data).hexdigest()[:16]).write_bytes(data)
    atheris.Setup([sys.argv[0], *sys.argv[4:]], play)
    atheris.Fuzz()


if __name__ == "__main__":
    main()

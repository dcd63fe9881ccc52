"""The long form: `python -m fuzzing.campaign --seconds 60 [--target NAME] [--keep]`.

Every target for so many seconds under Atheris (coverage-guided, libFuzzer's engine), one process
at a time, beginning with its corpus and its seeds. What is found lies in `build/fuzzing/`; with
`--keep` the corpora are made anew from all that was found to lead somewhere.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from fuzzing.target import CORPORA, DICTIONARIES, MEGABYTES, NAMES, ROOT, SECONDS, say, target_named

_FINDINGS = ROOT / "build" / "fuzzing"
_FAST = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112 - a constant, early
_STATUS = re.compile(r"^#(\d+).*? cov: (\d+) ft: (\d+) corp: (\d+)", re.MULTILINE)
_GRACE = 120.0
"""Seconds beyond its time after which a process counts as hanging."""


class Figures(NamedTuple):
    """What a target did."""

    executions: int
    edges: int
    inputs: int
    findings: tuple[str, ...]


def main() -> int:
    """Run it; 1 if anything was found."""
    parser = argparse.ArgumentParser(prog="python -m fuzzing.campaign")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--target", choices=NAMES, action="append", help="only this one")
    parser.add_argument("--keep", action="store_true", help="make the corpora anew")
    parser.add_argument("--seed", type=int, default=0, help="0: another one each time")
    arguments = parser.parse_args()
    found = 0
    for name in arguments.target or NAMES:
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="fuzzing-", dir=_FAST) as place:
            figures = _search(name, Path(place), arguments.seconds, arguments.seed)
            if arguments.keep:
                _distil(name, Path(place))
        found += len(figures.findings)
        say(
            f"{name:14} {figures.executions:>9,} executions in {time.monotonic() - began:4.0f} s, "
            f"{figures.edges:>6,} edges, {figures.inputs:>5,} inputs, "
            f"{len(figures.findings)} findings"
        )
        for one in figures.findings:
            say(f"  {one}")
    return 1 if found else 0


def _search(name: str, place: Path, seconds: int, seed: int) -> Figures:
    corpus, seeds = place / "corpus", place / "seeds"
    corpus.mkdir()
    seeds.mkdir()
    _FINDINGS.mkdir(parents=True, exist_ok=True)
    (CORPORA / name).mkdir(parents=True, exist_ok=True)
    target = target_named(name)
    command = [
        sys.executable, "-m", "fuzzing.child", name, str(_FINDINGS), str(seeds), str(corpus),
        str(seeds), str(CORPORA / name), f"-max_total_time={seconds}", f"-max_len={target.longest}",
        f"-timeout={SECONDS:.0f}", f"-rss_limit_mb={MEGABYTES}", f"-seed={seed}",
        f"-dict={DICTIONARIES}/{name}.txt", f"-artifact_prefix={_FINDINGS}/{name}-",
    ]  # fmt: skip
    with (place / "log").open("w+") as log:
        try:
            done = subprocess.run(
                command, cwd=ROOT, env={**os.environ, "TMPDIR": str(place)},
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                timeout=seconds + _GRACE, check=False,
            ).returncode  # fmt: skip
        except subprocess.TimeoutExpired:
            done = -1
        log.seek(0)
        said = log.read()
    (_FINDINGS / f"{name}.log").write_text(said)
    findings = sorted(set(re.findall(r"^FOUND (.*)$", said, re.MULTILINE)))
    if done:
        findings.append(f"the process ended with {done}: {said.strip().splitlines()[-1:]}")
    counted = [tuple(map(int, each)) for each in _STATUS.findall(said)] or [(0, 0, 0, 0)]
    return Figures(counted[-1][0], counted[-1][1], counted[-1][3], tuple(findings))


def _distil(name: str, place: Path) -> None:
    folders = [str(place / "corpus"), str(place / "seeds"), str(CORPORA / name)]
    subprocess.run(
        [sys.executable, "-m", "fuzzing.distilling", name, *folders], check=True, cwd=ROOT
    )


if __name__ == "__main__":
    sys.exit(main())

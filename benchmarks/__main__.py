"""`python -m benchmarks`: measures the rows and prints the table."""

import argparse
import json
import os
import platform
import sys
import tempfile
from pathlib import Path

from benchmarks import peers
from benchmarks.project import Project
from benchmarks.rows import ROWS, Row

ROOT = Path(__file__).resolve().parents[1]


def machine() -> str:
    """What was measured on."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text().splitlines()
        names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
        model = names[0] if names else model
    system = f"{platform.system()} {platform.release()}"
    return f"{os.cpu_count()} x {model}, {system}, Python {platform.python_version()}"


def show(row: Row) -> str:
    """One line of the table."""
    sign = ">=" if row.at_least else "<="
    verdict = "ok  " if row.met else "MISS"
    return (
        f"{verdict} {row.what:<50} {row.value:8.2f} {row.unit:<4} {sign} {row.budget:g} {row.unit}"
        + (f"   ({row.detail})" if row.detail else "")
    )


def main() -> int:
    """Measure, print, and write the JSON file if one is asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--row", action="append", choices=sorted(ROWS), help="only this row")
    parser.add_argument("--folder", type=Path, default=Path.cwd(), help="a folder on a real disk")
    parser.add_argument("--no-peers", action="store_true", help="leave the other tools out")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    print(machine())
    found: list[Row] = []
    for name in options.row or ROWS:
        with tempfile.TemporaryDirectory(prefix=".bench-", dir=options.folder) as folder:
            measured = ROWS[name](Project(Path(folder) / "project"))
        for row in measured if isinstance(measured, list) else [measured]:
            print(show(row), flush=True)
            found.append(row)
    compared: list[peers.Figures] = []
    if not options.row and not options.no_peers:
        with tempfile.TemporaryDirectory(prefix=".bench-", dir=options.folder) as folder:
            compared = peers.compare(Project(Path(folder) / "project"), ROOT)
        print(peers.table(compared))
    if options.json:
        report = {
            "machine": machine(),
            "rows": [row._asdict() | {"met": row.met} for row in found],
            "peers": [figures._asdict() for figures in compared],
        }
        options.json.write_text(json.dumps(report, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

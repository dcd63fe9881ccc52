"""A step that writes a gigabyte: `python -m crash.large_output --size 1000000000`."""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from crash.harness import Playground, eventually
from crash.test_trees import LARGE, peak_of


def main() -> int:
    """Prints seconds and the most memory that each process ever had."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=1_000_000_000)
    size = parser.parse_args().size
    folder = Path(tempfile.mkdtemp(prefix="orchestrate-large-"))
    ground = Playground(folder / "project", LARGE.format(size=size))
    try:
        begun = time.monotonic()
        process = ground.run()
        eventually((ground.root / "written").exists, "it is written", 600)
        print(f"{size / 1e6:.0f} MB in {time.monotonic() - begun:.1f} s")
        for seen in ground.processes("engine", "supervisor", "slot"):
            print(f"{seen.kind:10} {peak_of(seen.pid) / 1024:6.1f} MiB at most")
        (ground.root / "go").touch()
        code = ground.wait(process)
        kept = sum(path.stat().st_size for path in ground.state.glob("workflows/*/*.log"))
        print(f"log        {kept / 1e6:6.1f} MB kept, exit code {code}")
    finally:
        ground.close()
        shutil.rmtree(folder)
    return code


if __name__ == "__main__":
    sys.exit(main())

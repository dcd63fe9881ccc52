#!/usr/bin/env python3
"""The blue-green deployment of the example application, under load.

Brings version 1.0 up on blue, asks it at a steady rate, and runs the playbook that deploys 2.0 on
green, moves the traffic there and ends blue. Every answer is checked: not one may fail. Ends with 1
if one did, if both versions were not seen, or if the load was too small. Leaves nothing running.
"""

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
from pathlib import Path

from webapp.demonstration import Demonstration, Options
from webapp.trial_cluster import TrialError, trial_cluster

PROJECT = Path(__file__).resolve().parent


def main() -> int:
    """Run it in directories of its own, so that whatever else is up here is left alone."""
    parser = argparse.ArgumentParser(description="A blue-green deployment under load.")
    parser.add_argument("--rate", type=float, default=280.0, help="requests a second")
    parser.add_argument("--connections", type=int, default=40)
    parser.add_argument("--requests", type=int, default=10_000, help="at least so many in all")
    parser.add_argument("--environment", default="production")
    parser.add_argument(
        "--no-draining", action="store_true", help="cut what is in flight; the check then fails"
    )
    parser.add_argument(
        "--kill-green", action="store_true", help="kill green while it is being monitored"
    )
    parser.add_argument(
        "--cluster", action="store_true", help="on a Temporal server, with two workers in two pools"
    )
    words = parser.parse_args()
    # The commands' `python3` is this one, and so is `orchestrate`.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    if shutil.which("orchestrate") is None:
        print("demo: orchestrate is not on PATH; `make demo` puts it there", file=sys.stderr)
        return 2
    run = Path(tempfile.mkdtemp(prefix="webapp-demo-"))
    os.environ["WEBAPP_STATE"] = str(run / "webapp")
    os.environ["ORCHESTRATE_STATE_DIR"] = str(run / "orchestrate")
    os.environ["WEBAPP_DRAINING"] = "off" if words.no_draining else "on"
    options = Options(
        words.rate, words.connections, words.requests, words.environment, words.kill_green
    )
    try:
        good = demonstrate(options, run if words.cluster else None)
    except TrialError as error:
        print(f"demo: {error}", file=sys.stderr)
        good = False
    except KeyboardInterrupt:
        good = False
    if good:
        shutil.rmtree(run, ignore_errors=True)
    else:
        print(f"\nLogs and state are kept in {run}")
    return 0 if good else 1


def demonstrate(options: Options, directory: Path | None) -> bool:
    """Whether all was well; on a cluster in `directory`, if that is given. Raises TrialError."""
    if directory is None:
        return asyncio.run(Demonstration(PROJECT, options).run())
    with trial_cluster(PROJECT, directory) as cluster:
        demonstration = Demonstration(cluster.project, options)
        good = asyncio.run(demonstration.run())
        print(f"\n{cluster.show(demonstration.workflow)}", flush=True)
    return good


if __name__ == "__main__":
    sys.exit(main())

"""`/test run --suite S` and `/test list`: the test suites that orchestrate.toml names."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from orchestrate.commands.builtin.context import load_context, pick, run, say, write_output
from orchestrate.commands.builtin.suites import run_suite, write_junit

TABLE = "[test.suites.NAME]"


def main(argv: Sequence[str]) -> int:
    """Run `/test`; 0 if every test passed, 1 if one failed, 2 for an unknown suite."""
    arguments = _parser().parse_args(argv)
    context = load_context("test")
    suites = context.settings.suites
    if arguments.verb == "list":
        for name in sorted(suites):
            say(f"{name}  {suites[name].get('description', '')}".rstrip())
        if not suites:
            say(f"no suite is configured; add {TABLE} to orchestrate.toml")
        write_output({"suites": sorted(suites)})
        return 0
    definition = pick("test suite", arguments.suite, suites, TABLE)
    environment = arguments.environment or context.environment
    cases = run_suite(arguments.suite, definition, environment, context)
    failed = [case for case in cases if not case.passed]
    if arguments.junit:
        write_junit(Path(arguments.junit), arguments.suite, cases)
    for case in failed:
        say(f"failed: {case.name}: {case.message}")
    say(f"{len(cases) - len(failed)} of {len(cases)} tests passed ({arguments.suite})")
    write_output(
        {
            "suite": arguments.suite,
            "environment": environment,
            "tests": len(cases),
            "passed": len(cases) - len(failed),
            "failed": len(failed),
            "failures": [case.name for case in failed],
        }
    )
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="/test", allow_abbrev=False, description="Run a suite of orchestrate.toml."
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    verbs.add_parser("list", help="show the suites", allow_abbrev=False)
    runner = verbs.add_parser("run", help="run a suite", allow_abbrev=False)
    runner.add_argument("--suite", required=True, help=f"a NAME of {TABLE}")
    runner.add_argument("--environment", help="what to test; by default the workflow's environment")
    runner.add_argument("--junit", metavar="FILE", help="write a JUnit XML file")
    return parser


if __name__ == "__main__":
    run(main)

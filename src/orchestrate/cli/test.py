"""`orchestrate test`: play the scenarios of playbooks; nothing is executed."""

import time
from pathlib import Path

import click

from orchestrate.app import open_app
from orchestrate.cli.console import err, out
from orchestrate.cli.options import json_option
from orchestrate.cli.testing.coverage import shown_percent
from orchestrate.cli.testing.text import TextReport
from orchestrate.errors import ExitCode, NotFoundError, UsageError
from orchestrate.library.scenarios import collect
from orchestrate.library.testing.playing import covered, play
from orchestrate.library.testing.results import (
    FAILED,
    INVALID,
    Result,
    Results,
    total_percent,
)
from orchestrate.workflow.scenarios.selecting import selects
from orchestrate.workflow.scenarios.telling import Teller


@click.command()
@click.argument("names", metavar="[PLAYBOOK]...", nargs=-1)
@click.option("--playbook", "also", multiple=True, metavar="NAME", help="The same as NAME alone.")
@click.option("--all", "everything", is_flag=True, help="All of the project: the default.")
@click.option("-k", "pattern", metavar="PATTERN",
              help="Only scenarios whose file or name has it; `*` and `?` fit all.")  # fmt: skip
@click.option("-x", "--exitfirst", is_flag=True, help="Stop after the first that is not green.")
@click.option("-v", "--verbose", is_flag=True, help="A line for each scenario.")
@click.option("--strict", is_flag=True, help="An outcome that nothing came for is a failure.")
@click.option("--coverage", is_flag=True,
              help="Show which steps, branches and handlers were never exercised.")  # fmt: skip
@click.option("--fail-under", type=click.FloatRange(0, 100), metavar="PERCENT",
              help="Fail if the coverage is lower.")  # fmt: skip
@click.option("--junit", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Write JUnit XML, which CI systems read.")  # fmt: skip
@json_option
def test(
    *,
    names: tuple[str, ...],
    also: tuple[str, ...],
    everything: bool,
    pattern: str | None,
    exitfirst: bool,
    verbose: bool,
    strict: bool,
    coverage: bool,
    fail_under: float | None,
    junit: Path | None,
    as_json: bool,
) -> int:
    """Play scenarios of playbooks on a virtual clock: nothing is executed, no time passes.

    They are files in `playbooks/tests/`. Name playbooks, scenario files or folders.
    """
    names += also
    if everything and names:
        raise UsageError("`--all` stands alone", hint="Leave it out, or the names.")
    project = open_app().project
    collected = collect(project, names)
    chosen = [it for it in collected.items if pattern is None or selects(pattern, it.id)]
    if not chosen:
        raise NotFoundError(
            f"no scenario fits `{pattern}`",
            hint=f"There are {len(collected.items)}; `orchestrate test -v` lists them.",
        )
    teller = Teller(collected.texts)
    report = None if as_json else TextReport(out, teller, len(chosen), verbose=verbose)
    begun = time.monotonic()
    if report is not None:
        report.begin()
    tell = _ignore if report is None else report.add
    results = play(chosen, tell, strict=strict, stop=exitfirst)
    run = Results(
        results,
        time.monotonic() - begun,
        deselected=len(collected.items) - len(chosen),
        not_run=len(chosen) - len(results),
        coverage=None,
    )
    if coverage or fail_under is not None:
        run = run._replace(coverage=covered(project, collected, results, _left_out))
    _write(run, report, teller, junit)
    return _exit_code(run, fail_under)


def _ignore(_: Result) -> None:
    """What is told as a whole at the end need not be told in between."""


def _left_out(file: str) -> None:
    err.line(f"{file} has errors and is left out of the coverage: `orchestrate validate`")


def _write(run: Results, report: TextReport | None, teller: Teller, junit: Path | None) -> None:
    if report is not None:
        report.end(run)
    else:
        from orchestrate.cli.formats import dump
        from orchestrate.library.testing.data import run_data

        out.line(dump(run_data(run), indent=2))
    if junit is not None:
        from orchestrate.cli.testing.junit import write_junit

        write_junit(junit, run, teller)


def _exit_code(run: Results, fail_under: float | None) -> int:
    if run.count(INVALID):
        return ExitCode.USAGE
    if run.count(FAILED):
        return ExitCode.FAILED
    if fail_under is not None and run.coverage is not None:
        share = total_percent(run.coverage)
        if share < fail_under:
            err.line(f"the coverage is {shown_percent(share)}, less than {fail_under:g} %")
            return ExitCode.FAILED
    return ExitCode.SUCCEEDED

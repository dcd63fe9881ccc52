"""`orchestrate validate`: check playbooks without running anything."""

import gc
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from orchestrate.app import App, open_app
from orchestrate.cli.options import no_playbook, playbook_named
from orchestrate.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from orchestrate.library.checking import Report

FORMATS = ("text", "json", "sarif", "github")
DEFAULT_TIMEOUT = 5.0
"""Seconds that a host may take to answer."""


class Wanted(NamedTuple):
    """What was typed; the names are those of the options below."""

    playbook: str | None
    every: bool
    environment: str | None
    fix: bool
    dry_run: bool
    dependencies: bool
    offline: bool
    network_timeout: float | None
    simulate: bool
    failures: bool
    require: tuple[str, ...]
    strict: bool
    format_: str | None
    as_json: bool


@click.command()
@playbook_named
@click.option("--all", "every", is_flag=True, help="Every playbook of the project.")
@click.option("--environment", metavar="NAME", help="With that environment's values and commands.")
@click.option("--fix", is_flag=True, help="Repair what has exactly one right answer; shows how.")
@click.option("--dry-run", is_flag=True, help="With --fix: only show it.")
@click.option("--dependencies", is_flag=True,
              help="Look for all that it needs: programs, values, folders, hosts.")  # fmt: skip
@click.option("--offline", is_flag=True, help="With --dependencies: ask no hosts.")
@click.option("--network-timeout", type=click.FloatRange(0, 600, min_open=True), metavar="SECONDS",
              help="With --dependencies: how long hosts may take; by default 5.")  # fmt: skip
@click.option("--simulate", is_flag=True, help="Walk every way through it; nothing is executed.")
@click.option("--failures", is_flag=True,
              help="With --simulate: what comes of each failure, crash and cancel.")  # fmt: skip
@click.option("--require", multiple=True, metavar="RULE",
              help="With --failures: end with 1 if this rule is broken; repeatable.")  # fmt: skip
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
@click.option("--format", "format_", type=click.Choice(FORMATS),
              help="How findings are written; by default text.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--explain", metavar="RULE", help="Say what a rule is about, and check nothing.")
def validate(*, explain: str | None, **options: Any) -> int:
    """Check a playbook: everything that can be known before it runs, all at once.

    Values of required parameters are not needed. Ends with 2 if there is an error.
    """
    if explain is not None:
        if any(options.values()):
            raise UsageError("--explain stands alone", hint=f"Just `--explain {explain}`.")
        from orchestrate.cli.reports.explanation import explain as write_explanation

        write_explanation(explain)
        return ExitCode.SUCCEEDED
    wanted = Wanted(**options)
    _refuse_contradictions(wanted)
    app = open_app()
    from orchestrate.library.checking import check_settings

    check_settings(app.project)
    # What is made here is kept until the end: a collector would look through it in vain, and take
    # a third of the time of a large playbook.
    gc.disable()
    from orchestrate.library.webhook_paths import with_shared_paths

    reports = with_shared_paths(_check(app, wanted))
    if wanted.dependencies:
        reports = _with_dependencies(app, reports, wanted)
    if wanted.simulate:
        from orchestrate.rehearsing.simulating import simulate

        gc.enable()
        reports = [simulate(app, report) for report in reports]
    reports = _with_failures(app, reports, wanted)
    _writer(wanted)(reports)
    return _exit_code(reports, strict=wanted.strict)


def _refuse_contradictions(wanted: Wanted) -> None:
    """Options that belong to others, or exclude each other."""
    if wanted.every and wanted.playbook is not None:
        raise UsageError("--all and --playbook exclude each other", hint="Give one of them.")
    if wanted.as_json and wanted.format_ not in (None, "json"):
        raise UsageError(f"--json contradicts --format {wanted.format_}", hint="Give one of them.")
    if wanted.dry_run and not wanted.fix:
        raise UsageError(
            "--dry-run belongs to --fix", hint="Without --fix nothing is changed anyway."
        )
    if wanted.failures and not wanted.simulate:
        raise UsageError(
            "--failures belongs to --simulate", hint="Give both: `--simulate --failures`."
        )
    if wanted.require and not wanted.failures:
        raise UsageError(
            "--require belongs to --failures", hint="Give it with `--simulate --failures`."
        )
    if (wanted.offline or wanted.network_timeout is not None) and not wanted.dependencies:
        which = "--offline" if wanted.offline else "--network-timeout"
        raise UsageError(
            f"{which} belongs to --dependencies", hint="Without it no host is asked anyway."
        )


def _check(app: App, wanted: Wanted) -> Sequence["Report"]:
    """The findings, after repairs if these are wanted."""
    from orchestrate.library.checking import check, check_all

    if wanted.fix:
        from orchestrate.library.repairing import fix_and_check

        return fix_and_check(
            app.project,
            app.registry_in,
            _every_file(app) if wanted.every else [_named(app, wanted)],
            wanted.environment,
            elsewhere=wanted.every,
            dry_run=wanted.dry_run,
        )
    if wanted.every:
        return list(check_all(app.project, app.registry_in, wanted.environment))
    return [check(app.project, app.registry_in, _named(app, wanted), wanted.environment)]


def _named(app: App, wanted: Wanted) -> str:
    if wanted.playbook is None:
        raise no_playbook(app, "which playbook shall be checked?", ", or check all with `--all`")
    return wanted.playbook


def _with_dependencies(app: App, reports: Sequence["Report"], wanted: Wanted) -> list["Report"]:
    from orchestrate.library.dependencies.reporting import with_dependencies

    timeout = None if wanted.offline else wanted.network_timeout or DEFAULT_TIMEOUT
    return [
        with_dependencies(report, app.registry_in(report.environment), app.env, timeout)
        for report in reports
    ]


def _with_failures(app: App, reports: Sequence["Report"], wanted: Wanted) -> Sequence["Report"]:
    """With the failure matrix, if that is wanted, and with the rules that the project has."""
    configured = app.project.settings.rehearsal_require or any(
        report.environment.rehearsal_require for report in reports
    )
    if not (wanted.failures or configured):
        return reports
    from orchestrate.rehearsing.failures import find_failures

    gc.enable()
    return [find_failures(app, report, wanted.require, shown=wanted.failures) for report in reports]


def _exit_code(reports: Sequence["Report"], *, strict: bool) -> int:
    counted = ("error", "warning") if strict else ("error",)
    wrong = [
        finding for report in reports for finding in report.findings if finding.severity in counted
    ]
    if not wrong:
        return ExitCode.SUCCEEDED
    from orchestrate.library.failing import is_breach

    return ExitCode.FAILED if all(map(is_breach, wrong)) else ExitCode.USAGE


def _writer(wanted: Wanted) -> Callable[[Sequence["Report"]], None]:
    import importlib

    name = wanted.format_ or ("json" if wanted.as_json else "text")
    return importlib.import_module(f"orchestrate.cli.reports.{name}").write


def _every_file(app: App) -> list[str]:
    from orchestrate.library.checking import readable_files

    return [str(file) for file in readable_files(app.project)]

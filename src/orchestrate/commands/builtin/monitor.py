"""`/monitor health|metrics`: whether the checks of a project are well, now or over some time."""

import argparse
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from orchestrate.commands.builtin import baseline
from orchestrate.commands.builtin.checks import CheckResult, run_check, stop_children
from orchestrate.commands.builtin.context import (
    Context,
    duration,
    load_context,
    pick,
    run,
    say,
    write_output,
    write_progress,
)
from orchestrate.commands.builtin.tally import Tally, percentile
from orchestrate.errors import UsageError


class Schedule(NamedTuple):
    """For how long and how often to check, in seconds. No duration: one round."""

    duration: float
    interval: float
    shortened: bool


def main(argv: Sequence[str]) -> int:
    """Run `/monitor`; 0 if enough checks passed, else 1."""
    arguments = _parser().parse_intermixed_args(argv)
    context = load_context("monitor")
    checks = _chosen(context, arguments.checks, comprehensive=arguments.comprehensive)
    schedule = _schedule(context, arguments.duration, arguments.interval)
    tally = _watch(checks, context, schedule, fail_fast=arguments.fail_fast)
    worse: list[str] = []
    compared: list[str] = []
    if arguments.baseline:
        compared, worse = _against_baseline(context, arguments, checks, tally)
    steady = 1 - len(worse) / len(compared) if compared else 1.0
    well = tally.share >= arguments.threshold and steady >= arguments.threshold
    if arguments.verb == "metrics":
        _print_metrics(_figures(checks, tally))
    say(
        f"{tally.passed} of {tally.total} checks passed ({tally.share:.1%}); "
        f"at least {arguments.threshold:.1%} must"
    )
    if compared:
        say(f"{len(worse)} of {len(compared)} figures are worse than before")
    if well and arguments.baseline:
        baseline.record_baseline(_baseline_file(context, arguments.verb), _figures(checks, tally))
    _report(tally, schedule, worse, checks)
    return 0 if well else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="/monitor",
        allow_abbrev=False,
        description="Do the checks that orchestrate.toml names ([checks.NAME]).",
    )
    parser.add_argument("verb", choices=("health", "metrics"))
    parser.add_argument("checks", nargs="*", help="only these checks")
    parser.add_argument(
        "--comprehensive", action="store_true", help="also checks marked comprehensive = true"
    )
    parser.add_argument(
        "--duration", type=duration, default=0.0, help="keep checking for this long (300, 5m)"
    )
    parser.add_argument("--interval", type=duration, help="time between two rounds")
    parser.add_argument(
        "--threshold", type=_share, default=1.0, help="the share that must pass (95%%); all"
    )
    parser.add_argument(
        "--baseline", choices=("previous",), help="compare with the last run that passed"
    )
    parser.add_argument(
        "--tolerance", type=_share, default=0.5, help="how much worse is a regression (50%%)"
    )
    parser.add_argument("--fail-fast", action="store_true", help="stop at the first failure")
    return parser


def _share(text: str) -> float:
    try:
        number = float(text.removesuffix("%"))
    except ValueError:
        number = -1.0
    share = number / 100 if text.endswith("%") or number > 1 else number
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"{text} is no share; write for example 95% or 0.95")
    return share


def _chosen(
    context: Context, names: Sequence[str], *, comprehensive: bool
) -> dict[str, Mapping[str, Any]]:
    checks = context.settings.checks
    if not checks:
        raise UsageError(
            "no check is configured, so nothing can be said about health",
            hint='Add one to orchestrate.toml: [checks.web] with type = "http" and url = "…".',
        )
    if names:
        return {name: pick("check", name, checks, "[checks.NAME]") for name in names}
    chosen = {
        name: check
        for name, check in checks.items()
        if comprehensive or not check.get("comprehensive")
    }
    if not chosen:
        raise UsageError(
            "all checks are marked comprehensive", hint="Call it with --comprehensive."
        )
    return chosen


def _schedule(context: Context, wanted: float, interval: float | None) -> Schedule:
    limit = context.options.get("max_duration")
    if limit is not None and context.protected:
        raise UsageError(
            f"[commands.monitor] sets max_duration, and environment `{context.environment}` "
            "is protected: it must be watched for the whole time",
            hint="Remove max_duration for this environment.",
        )
    lasting = wanted if limit is None else min(wanted, float(limit))
    if lasting < wanted:
        say(f"shortened from {wanted:g}s to {lasting:g}s ([commands.monitor] max_duration)")
    if interval is None:
        interval = min(5.0, max(0.5, lasting / 10))
    return Schedule(lasting, max(interval, 0.05), lasting < wanted)


def _watch(
    checks: Mapping[str, Mapping[str, Any]],
    context: Context,
    schedule: Schedule,
    *,
    fail_fast: bool,
) -> Tally:
    """Round after round, the last one at the end of the duration."""
    tally = Tally()
    start = time.monotonic()
    end = start + schedule.duration
    turn = start
    while True:
        tally.add(_round(checks, context))
        now = time.monotonic()
        if schedule.duration:
            write_progress(100 * (now - start) / schedule.duration)
        if turn >= end or now > end or (fail_fast and tally.passed < tally.total):
            return tally
        turn = min(max(turn + schedule.interval, now), end)
        time.sleep(max(0.0, turn - now))


def _round(checks: Mapping[str, Mapping[str, Any]], context: Context) -> list[CheckResult]:
    """All checks at once: one that hangs does not hold the others."""
    results: dict[str, CheckResult] = {}

    def check(name: str) -> None:
        results[name] = run_check(name, checks[name], context)

    # Daemons: a monitor that is stopped does not wait for a check that hangs.
    threads = [threading.Thread(target=check, args=(name,), daemon=True) for name in checks]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    except BaseException:
        stop_children()
        raise
    return [results[name] for name in checks]


def _figures(checks: Mapping[str, Mapping[str, Any]], tally: Tally) -> dict[str, baseline.Figures]:
    figures: dict[str, baseline.Figures] = {}
    for name, results in tally.results.items():
        latencies = sorted(result.latency for result in results if result.latency is not None)
        values = [result.value for result in results if result.value is not None]
        figures[name] = baseline.Figures(
            pass_rate=sum(result.passed for result in results) / len(results),
            latency=percentile(latencies, 0.95),
            value=sum(values) / len(values) if values else None,
            better=checks[name].get("better"),
        )
    return figures


def _against_baseline(
    context: Context,
    arguments: argparse.Namespace,
    checks: Mapping[str, Mapping[str, Any]],
    tally: Tally,
) -> tuple[list[str], list[str]]:
    before = baseline.read_baseline(_baseline_file(context, arguments.verb))
    if before is None:
        say("no earlier run to compare with; this one is recorded if it passes")
        return [], []
    compared, worse = baseline.compare(
        _figures(checks, tally),
        before,
        tolerance=arguments.tolerance,
        threshold=arguments.threshold,
    )
    for sentence in worse:
        say(f"WORSE {sentence}")
    return compared, worse


def _baseline_file(context: Context, verb: str) -> Path:
    return context.project.state_dir / "monitor" / f"{context.environment}-{verb}.json"


def _print_metrics(figures: Mapping[str, baseline.Figures]) -> None:
    for name, figure in figures.items():
        latency = "" if figure.latency is None else f"  p95 {figure.latency * 1000:.0f} ms"
        value = "" if figure.value is None else f"  value {figure.value:g}"
        say(f"{name}: {figure.pass_rate:.0%} passed{latency}{value}")


def _report(
    tally: Tally,
    schedule: Schedule,
    worse: Sequence[str],
    checks: Mapping[str, Mapping[str, Any]],
) -> None:
    latencies = tally.latencies()
    values = {
        name: figure.value
        for name, figure in _figures(checks, tally).items()
        if figure.value is not None
    }
    failing = [name for name, results in tally.results.items() if not results[-1].passed]
    write_output(
        {
            "checks": tally.total,
            "passed": tally.passed,
            "failed": tally.total - tally.passed,
            "share": tally.share,
            "failing": failing,
            "latency_p50": percentile(latencies, 0.5),
            "latency_p95": percentile(latencies, 0.95),
            "values": values,
            "regressions": list(worse),
            "duration": schedule.duration,
            "shortened": schedule.shortened,
        }
    )


if __name__ == "__main__":
    run(main)

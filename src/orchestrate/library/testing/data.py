"""The results as plain data: what `--json` prints."""

from orchestrate.library.testing.results import (
    FAILED,
    INVALID,
    PASSED,
    Result,
    Results,
    total_percent,
)
from orchestrate.playbook.plan import Json
from orchestrate.workflow.scenarios.coverage import Covered
from orchestrate.workflow.scenarios.expectations import Mismatch
from orchestrate.workflow.scenarios.reading import Invalid


def run_data(run: Results) -> dict[str, Json]:
    """The whole run."""
    data: dict[str, Json] = {
        PASSED: run.count(PASSED),
        FAILED: run.count(FAILED),
        INVALID: run.count(INVALID),
        "deselected": run.deselected,
        "not_run": run.not_run,
        "seconds": round(run.seconds, 3),
        "scenarios": [_result(result) for result in run.results],
    }
    if run.coverage is not None:
        data["coverage"] = {
            "percent": _rounded_down(total_percent(run.coverage)),
            "playbooks": [_covered(covered) for covered in run.coverage],
        }
    return data


def _result(result: Result) -> dict[str, Json]:
    scenario = result.scenario
    data: dict[str, Json] = {
        "id": result.id,
        "scenario": scenario.name,
        "file": scenario.file,
        "line": scenario.place.line,
        "playbook": scenario.playbook,
        "result": result.outcome,
        "seconds": round(result.seconds, 3),
    }
    if isinstance(result.verdict, Invalid):
        data["faults"] = result.verdict.faults
        return data
    verdict = result.verdict
    if verdict.played is not None:
        data["state"] = verdict.played.state
        data["duration"] = verdict.played.duration
        data["calls"] = verdict.played.calls
    data["failures"] = [_mismatch(mismatch) for mismatch in verdict.mismatches]
    data["warnings"] = [_mismatch(warning) for warning in verdict.warnings]
    return data


def _mismatch(mismatch: Mismatch) -> dict[str, Json]:
    return {
        "key": mismatch.key,
        "message": mismatch.message,
        "file": mismatch.place.file,
        "line": mismatch.place.line,
        "column": mismatch.place.column,
        "step": mismatch.path or None,
        "expected": mismatch.expected or None,
        "was": mismatch.was or None,
    }


def _covered(covered: Covered) -> dict[str, Json]:
    counts = {
        kind: {"exercised": count.exercised, "total": count.total}
        for kind, count in covered.counts.items()
    }
    missed = [
        {"kind": t.kind, "path": t.path, "name": t.name, "line": t.place.line}
        for t in covered.missed
    ]
    percent = _rounded_down(covered.percent)
    return {"playbook": covered.file, "percent": percent, **counts, "missed": missed}


def _rounded_down(share: float) -> float:
    return int(share * 100) / 100

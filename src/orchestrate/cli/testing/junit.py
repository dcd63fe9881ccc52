"""JUnit XML, as CI systems read it: one suite for each scenario file."""

import re
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as Xml

from orchestrate.errors import OrchestrateError
from orchestrate.library.testing.results import FAILED, INVALID, Result, Results
from orchestrate.workflow.scenarios.reading import Invalid
from orchestrate.workflow.scenarios.telling import Teller

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 cannot hold, not even escaped."""


def write_junit(file: Path, run: Results, teller: Teller) -> None:
    """Write the report; folders on the way are made. Raises OrchestrateError."""
    root = Xml.Element("testsuites", _counts(run.results, "orchestrate test"))
    by_file: dict[str, list[Result]] = {}
    for result in run.results:
        by_file.setdefault(result.scenario.file, []).append(result)
    for name, results in by_file.items():
        suite = Xml.SubElement(root, "testsuite", _counts(results, name))
        for result in results:
            _case(suite, result, teller)
    Xml.indent(root)
    text = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text + b"\n")
    except OSError as error:
        raise OrchestrateError(
            f"the report {file} cannot be written: {error.strerror}",
            hint="Give `--junit` a file that can be written.",
        ) from error


def _counts(results: Sequence[Result], name: str) -> dict[str, str]:
    outcomes = [result.outcome for result in results]
    return {
        "name": _clean(name),
        "tests": str(len(results)),
        "failures": str(outcomes.count(FAILED)),
        "errors": str(outcomes.count(INVALID)),
        "skipped": "0",
        "time": f"{sum(result.seconds for result in results):.3f}",
    }


def _case(suite: Xml.Element, result: Result, teller: Teller) -> None:
    scenario = result.scenario
    case = Xml.SubElement(
        suite,
        "testcase",
        {
            "classname": _clean(scenario.file),
            "name": _clean(scenario.name or scenario.file),
            "file": _clean(scenario.file),
            "line": str(scenario.place.line),
            "time": f"{result.seconds:.3f}",
        },
    )
    if isinstance(result.verdict, Invalid):
        faults = result.verdict.faults
        message = faults[0].split("\n")[0] if faults else ""
        fault = Xml.SubElement(case, "error", {"type": "invalid", "message": _clean(message)})
        fault.text = _clean("\n".join(faults))
    elif result.verdict.mismatches:
        first = result.verdict.mismatches[0]
        head = {"type": first.key, "message": _clean(first.message)}
        failure = Xml.SubElement(case, "failure", head)
        failure.text = _clean("\n".join(teller.verdict(result.verdict)))


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)

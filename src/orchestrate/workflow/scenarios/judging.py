"""Plays a scenario and says whether what came of it is what it expects."""

from collections.abc import Iterator
from typing import NamedTuple

from orchestrate.workflow.scenarios.expectations import (
    Mismatch,
    mismatches,
    refusal_mismatches,
)
from orchestrate.workflow.scenarios.outcomes import Unused
from orchestrate.workflow.scenarios.playing import (
    EndlessError,
    Leftovers,
    Played,
    play_out,
    standing,
)
from orchestrate.workflow.scenarios.reading import Scenario
from orchestrate.workflow.scenarios.signals import Cue


class Verdict(NamedTuple):
    """What became of a scenario. `warnings`: what it scripts and nothing came for."""

    scenario: Scenario
    mismatches: tuple[Mismatch, ...]
    warnings: tuple[Mismatch, ...]
    played: Played | None
    """None if the workflow was refused, or did not end."""

    @property
    def passed(self) -> bool:
        """Whether all that was expected came true."""
        return not self.mismatches


def judge(scenario: Scenario) -> Verdict:
    """Play it and compare."""
    if scenario.refusal is not None:
        return Verdict(scenario, tuple(refusal_mismatches(scenario, scenario.refusal)), (), None)
    try:
        result, left = play_out(scenario)
    except EndlessError as error:
        mismatch = Mismatch("endless", str(error), scenario.place)
        return Verdict(scenario, (mismatch,), (), None)
    found = [*mismatches(scenario, result), *_signals(result, left)]
    warnings = tuple(_unused(entry) for entry in left.outcomes if _matters(scenario, entry))
    return Verdict(scenario, tuple(found), warnings, result)


def _signals(result: Played, left: Leftovers) -> Iterator[Mismatch]:
    for cue, error in left.refused:
        yield Mismatch("signal", f"`{cue.verb}` could not be given: {error.message}", cue.place)
    for cue in left.cues:
        end = f"the workflow {standing(result.state)} after {result.duration:g} s"
        what = f"`{cue.verb}` was never given: {_moment(cue)} did not come, {end}"
        yield Mismatch("signal", what, cue.place, seq=result.events[-1].seq)


def _moment(cue: Cue) -> str:
    if cue.moment is None:
        return f"{cue.at:g} s"
    return f"`{cue.moment.step}` {cue.moment.becomes.replace('_', ' ')}"


def _matters(scenario: Scenario, unused: Unused) -> bool:
    return unused.entry.key not in scenario.shared


def _unused(unused: Unused) -> Mismatch:
    entry, used = unused
    total = len(entry.outcomes)
    if used:
        message = f"`{entry.key}` has {total} outcomes, but only {used} came into use"
    else:
        who = "no step and no call fits" if entry.pattern else "no attempt was made for"
        message = f"{who} `{entry.key}`, so its outcome was not used"
    return Mismatch("unused-outcome", message, entry.place, len(entry.key))

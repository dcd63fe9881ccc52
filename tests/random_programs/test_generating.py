"""What random programs are made of: all that the language has."""

from collections import Counter
from typing import Any

from random_programs.campaign import faults
from random_programs.generating import generate
from random_programs.playing import course, plan_of

KINDS = {
    "command", "shell", "script", "set", "assert", "approval", "parallel", "conditional", "foreach",
    "transaction", "playbook", "wait duration", "wait until", "wait event",
}  # fmt: skip
KEYS = {
    "when", "env", "timeout", "retry", "delay", "backoff", "max_delay", "jitter", "attempts",
    "on_exit_codes", "idempotent", "checkpoint", "continue_on_error", "on_failure", "on_success",
    "finally", "locks", "shared", "on_conflict", "resources", "outputs", "max_parallel",
    "fail_fast", "compensate", "compensate_on", "parameters", "variables", "on_timeout",
    "else", "unnamed",
}  # fmt: skip


def seen(value: Any, kinds: Counter[str], keys: Counter[str]) -> None:
    """Count the kinds of steps, and the keys, of a playbook."""
    if isinstance(value, list):
        for one in value:
            seen(one, kinds, keys)
    elif isinstance(value, dict):
        keys.update(value.keys())
        calls = value.keys() & {"command", "shell", "script"}
        if value.get("type") == "wait":
            kinds.update(f"wait {key}" for key in ("duration", "until", "event") if key in value)
        elif "type" in value:
            kinds.update([value["type"]])
        elif calls:
            kinds.update(calls)
            keys.update([] if "name" in value else ["unnamed"])
        for inside in value.values():
            seen(inside, kinds, keys)


def test_every_kind_of_step_and_every_key_comes_up() -> None:
    kinds: Counter[str] = Counter()
    keys: Counter[str] = Counter()
    happens: Counter[str] = Counter()
    for number in range(300):
        case = generate(1, number)
        for playbook in case.playbooks.values():
            seen(playbook, kinds, keys)
        happens.update([case.stop.verb if case.stop else "to its end"])
        kept = course(case, 1)
        happens.update(["pause now" if pause.now else "pause" for pause in kept.pauses])
        happens.update(["lost machine" if kill.lost else "kill" for kill in kept.kills])
    assert {kind for kind in KINDS if kinds[kind] < 5} == set()
    assert {key for key in KEYS if keys[key] < 5} == set()
    wanted = {"cancel", "complete", "timeout", "to its end", "pause", "pause now", "kill"}
    assert {what for what in (*wanted, "lost machine") if happens[what] < 5} == set()


def test_a_seed_gives_the_same_program_again_and_another_one_does_not() -> None:
    assert generate(7, 3) == generate(7, 3)
    assert generate(7, 3) != generate(8, 3)
    assert plan_of(generate(7, 3)).digest == plan_of(generate(7, 3)).digest


def test_programs_for_real_processes_are_valid_and_depend_on_no_time() -> None:
    for number in range(100):
        case = generate(2, number, real=True)
        assert not case.racing
        assert faults(case, 0) == []

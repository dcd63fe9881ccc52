"""What is run in a soak, and what must have come of each playbook when it is over."""

from typing import NamedTuple

EFFECT = """#!/bin/sh
# effect SECONDS [fail | until-3 | loud | KEY=VALUE]: says when it begins and when it ends
step="$ORCHESTRATE_STEP $ORCHESTRATE_ATTEMPT"
file="$EFFECTS/$ORCHESTRATE_WORKFLOW"
echo "$step start" >> "$file"
sleep "$1"
case "${2:-}" in
  loud) yes "a line of output that says little" | head -n 3000;;
  *=*) echo "$2" > "$ORCHESTRATE_OUTPUT";;
esac
echo "$step end" >> "$file"
case "${2:-}" in
  fail) exit 3;;
  until-3) test "$ORCHESTRATE_ATTEMPT" -ge 3;;
esac
"""

_HEAD = """\
parameters:
  - {name: pace, type: number, default: 1}
  - {name: lane, type: integer, default: 0}
variables: {nap: "${pace / 20}"}
steps:
"""

_RELEASE = """\
  - {name: first, command: "./effect ${nap}"}
  - {name: numbers, type: set, variables: {count: 3}}
  - {name: known, type: assert, condition: "${count} == 3"}
  - {name: produce, idempotent: true, command: "./effect ${nap} value=41"}
  - {name: consume, command: "./effect ${nap} seen=${produce.output.value}"}
  - name: spread
    type: parallel
    branches:
      - name: left
        steps:
          - {name: a, command: "./effect ${nap}"}
          - {name: b, idempotent: true, command: "./effect ${nap}"}
      - name: middle
        steps:
          - {name: c, command: "./effect ${pace}"}
      - name: right
        steps:
          - {name: d, command: "./effect ${nap}"}
          - {name: rest, type: wait, duration: "${pace}"}
  - name: each
    type: foreach
    items: [r, s, t, u, v, w]
    as: item
    max_parallel: 3
    steps:
      - {name: work, command: "./effect 0.1", locks: ["lane-${lane}"]}
      - {name: sure, type: assert, condition: "${item} != ''"}
  - {name: flaky, retry: {attempts: 3, delay: 0.1}, command: "./effect ${nap} until-3"}
  - {name: loud, command: "./effect ${nap} loud"}
  - name: broken
    continue_on_error: true
    command: ./effect 0.1 fail
    on_failure:
      - {name: mend, command: "./effect ${nap}"}
    finally:
      - {name: tidy, command: "./effect ${nap}"}
  - {name: below, type: playbook, playbook: below}
  - name: move
    type: transaction
    continue_on_error: true
    steps:
      - {name: made, command: "./effect ${nap}", compensate: [{name: undo, command: ./effect 0.1}]}
      - name: inner
        type: transaction
        steps:
          - {name: put, command: ./effect 0.1, compensate: [{name: undo, command: ./effect 0.1}]}
      - {name: halt, command: ./effect 0.1 fail, compensate: [{name: undo, command: ./effect 0}]}
  - name: kept
    type: transaction
    steps:
      - {name: made, command: ./effect 0.1, compensate: [{name: undo, command: ./effect 0}]}
  - {name: last, command: "./effect ${nap}"}
finally:
  - {name: clean, command: "./effect ${nap}"}
"""

_BELOW = """\
name: below
steps:
  - {name: one, command: ./effect 0.1}
  - {name: two, idempotent: true, command: ./effect 0.1}
"""

_FAN = """\
  - {name: rest, type: wait, duration: "${pace}"}
  - name: each
    type: foreach
    items: "${range(20)}"
    as: item
    max_parallel: 5
    steps:
      - {name: work, idempotent: true, command: "./effect ${nap}"}
  - {name: more, type: wait, duration: "${pace}"}
"""

_GATE = """\
  - {name: before, command: "./effect ${nap}"}
  - name: ask
    type: approval
    message: go on?
    inputs: [{name: window, choices: [day, night], required: true}]
  - {name: after, command: "./effect ${pace} window=${ask.output.window}"}
"""

_BREAKS = """\
  - {name: fine, command: "./effect ${pace}"}
  - name: hurt
    command: "./effect ${nap} fail"
    on_failure: [{name: mend, command: "./effect ${nap}"}]
  - {name: never, command: ./effect 0}
finally:
  - {name: clean, command: "./effect ${nap}"}
"""

_TICK = """\
name: tick
triggers:
{triggers}
steps:
  - {{name: tick, command: ./effect 0.1}}
  - {{name: tock, command: ./effect 0.1}}
"""
_SLOT = (
    "  - {{name: s{0}, type: schedule, cron: '* * * * *', time_zone: UTC, catch_up: all, "
    "overlap: allow, jitter: 60s}}\n"
)
SCHEDULES = 8
"""Each once a minute, at a moment of its own: about every seven seconds one is due."""

_HOOK = """\
name: hook
parameters:
  - {name: pace, type: number, default: 1}
triggers:
  - type: webhook
    url: http://127.0.0.1/soak-hook
    rate: 600/minute
    parameters: {pace: "${body.pace}"}
steps:
  - {name: taken, command: ./effect 0.2}
  - {name: rest, type: wait, duration: "${pace}"}
  - {name: done, command: ./effect 0.2}
"""
HOOK_PATH = "/soak-hook"


class Expected(NamedTuple):
    """How a playbook must end. A step here is one that starts a process."""

    state: str
    succeeds: frozenset[str]
    fails: frozenset[str] = frozenset()
    flaky: frozenset[str] = frozenset()
    """Of those that succeed: those whose first attempts fail."""
    idempotent: frozenset[str] = frozenset()
    undone: tuple[str, ...] = ()
    """Steps whose compensations run, in that order."""


def _paths(text: str) -> frozenset[str]:
    return frozenset(text.split())


_UNDONE = ("move/inner/put", "move/made")
EXPECTED = {
    "release": Expected(
        "succeeded",
        _paths(
            "first produce consume spread/left/a spread/left/b spread/middle/c spread/right/d "
            "each[r]/work each[s]/work each[t]/work each[u]/work each[v]/work each[w]/work flaky "
            "loud broken/on_failure/mend broken/finally/tidy below/one below/two move/made "
            "move/inner/put kept/made last finally/clean"
        )
        | {f"{path}/compensate/undo" for path in _UNDONE},
        fails=_paths("broken move/halt"),
        flaky=_paths("flaky"),
        idempotent=_paths("produce spread/left/b below/two"),
        undone=_UNDONE,
    ),
    "fan": Expected(
        "succeeded",
        frozenset(f"each[{n}]/work" for n in range(20)),
        idempotent=frozenset(f"each[{n}]/work" for n in range(20)),
    ),
    "gate": Expected("succeeded", _paths("before after")),
    "breaks": Expected(
        "failed", _paths("fine hurt/on_failure/mend finally/clean"), fails=_paths("hurt")
    ),
    "tick": Expected("succeeded", _paths("tick tock")),
    "hook": Expected("succeeded", _paths("taken done")),
}

TEXTS = {
    "release": "name: release\n" + _HEAD + _RELEASE,
    "below": _BELOW,
    "fan": "name: fan\n" + _HEAD + _FAN,
    "gate": "name: gate\n" + _HEAD + _GATE,
    "breaks": "name: breaks\n" + _HEAD + _BREAKS,
    "tick": _TICK.format(triggers="".join(_SLOT.format(n) for n in range(SCHEDULES))),
    "hook": _HOOK,
}
SHARES = {"release": 45, "fan": 20, "gate": 20, "breaks": 15}
"""What is started by people and programs, of a hundred; schedules and webhooks come besides."""

from typing import Any

from orchestrate.commands.registry import Registry
from orchestrate.playbook import compile as compiler
from orchestrate.playbook.plan import Plan
from orchestrate.project.environments import read_environment
from orchestrate.project.find import find_project

PLAYBOOK = """\
steps:
  - name: fine
    command: /monitor health
  - name: dynamic
    command: ${run.id} x
  - name: spread
    type: parallel
    branches:
      - steps:
          - command: /infro deploy
  - name: loop
    type: foreach
    items: [a]
    as: item
    steps:
      - command: no-such-program ${item}
        on_failure:
          - command: /notfy team
  - name: script
    script:
      interpreter: no-such-interpreter
      text: x
finally:
  - command: /bakcup list
"""


def problems(project: Any, plan: Plan, environment: str = "dev") -> list[tuple[int, str, str]]:
    found = find_project(project.root, {})
    registry = Registry(found, read_environment(found, environment), "/usr/bin:/bin")
    return [(place.line, message, hint) for place, message, hint in registry.check(plan)]


def compiled(text: str) -> Plan:
    return compiler.compile_playbook("p.yaml", text.encode(), lambda name: None)


def test_every_call_that_cannot_be_made_is_found_at_any_depth(project: Any) -> None:
    found = problems(project, compiled(PLAYBOOK))
    assert next((line, hint) for line, _, hint in found) == (
        10,
        "Add an executable commands/infro, or a table [commands.infro].",
    )
    assert [line for line, _, _ in found] == [10, 16, 18, 19, 24]
    assert "/notify" in found[2][2]
    assert "/backup" in found[4][2]


def test_a_shortened_monitor_is_refused_in_a_protected_environment(project: Any) -> None:
    project.settings("[commands.monitor]\nmax_duration = 3\n")
    project.write("environments/production.yaml", "protected: true\n")
    plan = compiled("steps:\n  - command: /monitor health --duration 300\n")
    assert problems(project, plan) == []
    found = problems(project, plan, "production")
    assert len(found) == 1
    assert "environment `production` is protected" in found[0][1]

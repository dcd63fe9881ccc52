"""What scenarios say comes about with real processes, too."""

import pytest
from contract.scenario_runner import Actor, Case, cases, essence, play_for_real
from storms.conftest import full_or

ALL = list(cases())
CHOSEN = ALL[:: full_or(6, 1)]
"""All of them are played by `make storm`."""


def test_there_are_scenarios():
    assert len(ALL) > 100


@pytest.mark.parametrize("case", CHOSEN, ids=lambda case: case.name)
def test_a_scenario_comes_about_for_real(project, case: Case):
    actor = Actor(project.root)
    services = {
        "registry_for": lambda environment: actor,
        "stays": True,
        "capacity": {"cpu": 1000, "memory": 1000},  # in scenarios there is any amount
    }
    running, asking = project.engine(**services), project.engine(**services)
    events = play_for_real(case, running, asking, project.root)
    assert essence(events) == essence(case.played.events)

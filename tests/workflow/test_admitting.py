"""Groups, and where a playbook must have succeeded."""

from orchestrate.playbook.compile import compile_playbook
from orchestrate.playbook.plan import Plan
from orchestrate.workflow.admitting import group_of, unmet


def plan(text: str) -> Plan:
    return compile_playbook("p.yaml", text.encode(), lambda _: None)


GROUP = """
concurrency: {group: "deploy-${region-name}-${environment}-${service}", overlap: skip}
parameters: [{name: region-name}]
variables: {kind: web, service: "${kind}-api"}
steps: [{command: /bin/true}]
"""


def test_a_group_is_rendered_with_parameters_variables_and_environment() -> None:
    made = plan(GROUP)
    assert made.concurrency is not None
    assert made.concurrency.overlap == "skip"
    values = {"region-name": "eu"}
    assert group_of(made, values, "staging", {"kind": "big"}, {}) == "deploy-eu-staging-big-api"


def test_a_text_is_a_group_whose_members_queue() -> None:
    made = plan("concurrency: deploys\nsteps: [{command: /bin/true}]\n")
    assert made.concurrency is not None
    assert made.concurrency.overlap == "queue"
    assert group_of(made, {}, "dev", {}, {}) == "deploys"
    assert group_of(plan("steps: [{command: /bin/true}]\n"), {}, "dev", {}, {}) is None


def test_success_is_demanded_elsewhere_but_not_where_it_is_tried_out() -> None:
    made = plan("require_success_in: [staging, qa]\nsteps: [{command: /bin/true}]\n")
    assert unmet(made, "production", lambda name: name == "qa") == ("staging",)
    assert unmet(made, "production", lambda name: True) == ()
    for environment in ("dev", "staging", "qa"):
        assert unmet(made, environment, lambda name: False) == ()

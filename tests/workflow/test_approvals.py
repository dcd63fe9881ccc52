"""What is asked of people, and whether an answer is one."""

import pytest

from orchestrate.errors import UsageError
from orchestrate.playbook.compile import compile_playbook
from orchestrate.playbook.plan import Approval
from orchestrate.workflow.approvals import Approver, Request, request_of

INPUTS = """
steps:
  - type: approval
    message: Go on?
    inputs:
      - {name: window, type: integer, min: 1, max: 8, description: hours}
      - {name: place, choices: [here, there], default: here}
      - {name: ticket, pattern: "OPS-[0-9]+", default: OPS-1}
"""


def request(approvers: tuple[str, ...] | None = None) -> Request:
    plan = compile_playbook("p.yaml", INPUTS.encode(), lambda _: None)
    action = plan.steps[0].action
    assert isinstance(action, Approval)
    return Request("Go on?", approvers, action.inputs, 2, 60.0, "reject")


@pytest.mark.parametrize(
    ("approvers", "groups", "admitted"),
    [
        (None, (), True),
        (("alice",), (), True),
        (("bob",), ("alice",), False),
        (("group:ops",), ("ops", "staff"), True),
        (("bob", "group:ops"), ("staff",), False),
        (("ops",), ("ops",), False),
        (("group:alice",), (), False),
    ],
)
def test_people_are_known_by_name_or_group(
    approvers: tuple[str, ...] | None, groups: tuple[str, ...], admitted: bool
) -> None:
    assert request(approvers).admits(Approver("alice", frozenset(groups))) is admitted


def test_values_are_typed_and_those_left_out_have_their_defaults() -> None:
    assert request().typed({"window": "3"}) == {"window": 3, "place": "here", "ticket": "OPS-1"}
    assert [one.name for one in request().missing({})] == ["window"]


def test_everything_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(UsageError) as refused:
        request().typed({"place": "nowhere", "ticket": "7", "windo": 1})
    assert refused.value.message.split("\n") == [
        "there is no input `windo`; did you mean `window`?",
        "the input `window` is missing: hours",
        "the input `place` cannot be `nowhere`; it can be `here`, `there`",
        "the input `ticket` cannot be `7`: it must match OPS-[0-9]+",
    ]


def test_what_is_recorded_says_all_that_is_asked() -> None:
    asked = request(("alice", "group:ops"))
    again = request_of(asked.to_data())
    assert again.to_data() == asked.to_data()
    assert again.typed({"window": 8}) == asked.typed({"window": 8})
    assert (again.approvers, again.minimum, again.timeout) == (("alice", "group:ops"), 2, 60.0)

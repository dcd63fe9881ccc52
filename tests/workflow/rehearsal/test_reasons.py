"""Why a step runs or does not: the expression with its values."""

from collections.abc import Callable

from orchestrate.playbook.undecided import plain_value
from orchestrate.workflow.program import Program
from orchestrate.workflow.rehearsal.playing import rehearse
from orchestrate.workflow.rehearsal.reasons import Explaining

Make = Callable[..., Program]


def test_each_decision_has_its_expression_and_the_values_in_it(program: Make) -> None:
    explaining = Explaining()
    rehearse(
        program(
            """
            - name: check
              command: look
            - name: sure
              when: ${environment} == "production"
              command: a
            - name: doubtful
              when: ${check.output.count > limits.most and check.success}
              command: b ${check.output.count}
            - name: split
              type: conditional
              condition: ${not (check.output["mode"] == 'x' or tags[0] == "y")}
              then:
                - command: c
            - name: look-again
              type: wait
              until: ${look_again.output.up}
              command: look
            - name: sane
              type: assert
              condition: ${limits.most} > 2
            """,
            head="""
            variables:
              limits: {most: 3}
              tags: ["y"]
            """,
        ),
        suppositions=explaining,
        observer=explaining.noted,
    )
    found = {
        path: (key, r.expression, r.holds, plain_value(r.values), r.undecided)
        for (path, key), r in explaining.reasons.items()
    }
    assert found == {
        "sure": (
            "when",
            'environment == "production"',
            False,
            {"environment": "dev"},
            (),
        ),
        "doubtful": (
            "when",
            "check.output.count > limits.most and check.success",
            True,
            {"check.output.count": "<check.output.count>", "limits.most": 3, "check.success": True},
            ("check.output.count > 3",),
        ),
        "split": (
            "condition",
            'not (check.output["mode"] == \'x\' or tags[0] == "y")',
            False,
            {"check.output.mode": "<check.output.mode>", "tags[0]": "y"},
            ('check.output.mode == "x"',),
        ),
        "look-again": (
            "until",
            "look_again.output.up",
            True,
            {"look_again.output.up": "<look-again.output.up>"},
            ("look-again.output.up",),
        ),
        "sane": ("condition", "limits.most > 2", True, {"limits.most": 3}, ()),
    }

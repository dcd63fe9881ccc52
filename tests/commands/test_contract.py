import pytest

from orchestrate.commands.contract import (
    CallError,
    call_environment,
    parameter_variable,
    read_output,
)

TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def environment(**changes: object) -> dict[str, str]:
    arguments: dict[str, object] = {
        "base": {"PATH": "/bin", "API_KEY": "hunter22"},
        "workflow": "WF-2026-001",
        "path": "deploy/backend",
        "attempt": 2,
        "idempotency_key": "WF-2026-001/deploy/backend",
        "traceparent": TRACEPARENT,
        "parameters": {},
        **changes,
    }
    base = arguments.pop("base")
    return call_environment(base, **arguments)  # type: ignore[arg-type]


def test_a_command_learns_what_it_is_called_for() -> None:
    assert environment() == {
        "PATH": "/bin",
        "API_KEY": "hunter22",
        "ORCHESTRATE_WORKFLOW": "WF-2026-001",
        "ORCHESTRATE_STEP": "deploy/backend",
        "ORCHESTRATE_ATTEMPT": "2",
        "ORCHESTRATE_IDEMPOTENCY_KEY": "WF-2026-001/deploy/backend",
        "TRACEPARENT": TRACEPARENT,
    }


def test_parameters_become_variables() -> None:
    env = environment(
        parameters={
            "new-version": "1.10",
            "count": 3,
            "fast": True,
            "regions": ["eu", "ü"],
            "limits": {"cpu": 1},
            "nothing": None,
            "naïve": "x",
        }
    )
    found = {name: value for name, value in env.items() if name.startswith("PARAM_")}
    assert found == {
        "PARAM_NEW_VERSION": "1.10",
        "PARAM_COUNT": "3",
        "PARAM_FAST": "true",
        "PARAM_REGIONS": '["eu", "ü"]',
        "PARAM_LIMITS": '{"cpu": 1}',
        "PARAM_NOTHING": "",
        "PARAM_NA_VE": "x",
    }
    assert parameter_variable("a.b-c") == "PARAM_A_B_C"


def test_secrets_that_the_step_does_not_reference_are_withheld() -> None:
    assert "API_KEY" not in environment(withheld={"API_KEY"})


def test_the_steps_own_variables_win() -> None:
    env = environment(
        parameters={"a": "1"}, command={"PARAM_A": "2", "B": "2"}, step={"B": "3", "PATH": "/x"}
    )
    assert (env["PARAM_A"], env["B"], env["PATH"]) == ("2", "3", "/x")
    assert env["ORCHESTRATE_FORWARD"] == "B,PATH"


def test_what_an_outer_call_was_told_is_not_inherited() -> None:
    outer = {
        "ORCHESTRATE_WORKFLOW": "WF-2026-009",
        "ORCHESTRATE_OUTPUT": "/run/outer",
        "ORCHESTRATE_FORWARD": "X",
        "PARAM_VERSION": "1",
        "X": "2",
    }
    env = environment(base=outer, parameters={"count": 3})
    assert env["ORCHESTRATE_WORKFLOW"] == "WF-2026-001"
    assert env["X"] == "2"
    assert env["PARAM_COUNT"] == "3"
    assert not {"ORCHESTRATE_OUTPUT", "ORCHESTRATE_FORWARD", "PARAM_VERSION"} & env.keys()
    assert environment(base={"PARAM_VERSION": "1"})["PARAM_VERSION"] == "1"


def test_a_parameter_too_large_for_a_process_is_left_out() -> None:
    env = environment(parameters={"big": "x" * 200_000, "fits": "x" * 5_000})
    assert "PARAM_BIG" not in env
    assert len(env["PARAM_FITS"]) == 5_000


def test_a_nul_character_is_refused_by_name() -> None:
    with pytest.raises(CallError, match="PARAM_ODD would hold a NUL"):
        environment(parameters={"odd": "a\0b"})


@pytest.mark.parametrize(
    ("text", "stdout", "expected"),
    [
        (None, None, None),
        ("", None, None),
        ("url=http://x?a=b\ncount=3\n", None, {"url": "http://x?a=b", "count": "3"}),
        ("a=1\r\na=2\r\n", None, {"a": "2"}),
        ('{"a": 1}\n{"b": [2]}\na=3', None, {"a": "3", "b": [2]}),
        ('{\n  "a": {"b": null}\n}\n', None, {"a": {"b": None}}),
        ("  spaced = out \n", None, {}),
        ("empty=\n", None, {"empty": ""}),
        (None, '{"a": 1}', {"a": 1}),
        ("b=2", '{"a": 1}', {"b": "2"}),
        (None, '{"a": 1} and more', None),
        (None, '{"a": NaN}', None),
    ],
)
def test_output_is_understood(text: str | None, stdout: str | None, expected: object) -> None:
    assert read_output(text, stdout) == expected


def test_lines_that_are_not_understood_are_left_out_with_a_warning() -> None:
    warnings: list[str] = []
    assert read_output("ok=1\nhello world\n{broken\n" + "z" * 100, None, warnings.append) == {
        "ok": "1"
    }
    assert warnings[0] == (
        "line 2 of ORCHESTRATE_OUTPUT is neither key=value nor JSON; left out: hello world"
    )
    assert warnings[1].startswith("line 3 of ORCHESTRATE_OUTPUT is not valid JSON")
    assert warnings[2].endswith("z" * 57 + "...")


def test_json_nested_without_end_does_not_crash() -> None:
    warnings: list[str] = []
    assert read_output('{"a":' * 100_000, None, warnings.append) == {}
    assert len(warnings) == 1

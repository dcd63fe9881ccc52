"""Whatever a value holds, it stays data: compared byte by byte with what the program got."""

import json
import sys

import pytest

HOSTILE = {
    "quotes": "\"; touch pwned; $(touch pwned) `touch pwned` '",
    "option": "--help",
    "empty": "",
    "long": "x" * 5000,
    "newlines": "one\ntwo\n\nthree\n",
    "expression": "${1+1}",
    "shell": "$HOME ~ * ? [a] {b,c} & | > out < in # no ! \\ \\n",
    "unicode": "zß水🎉\u202e\u0000".replace("\u0000", ""),
    "blanks": "  \t leading and trailing \t ",
    "equals": "a=b,c=d",
}
PARAMETERS = "parameters:\n  - name: value\n    required: true\n"


@pytest.fixture(params=sorted(HOSTILE))
def value(request) -> str:
    return HOSTILE[request.param]


@pytest.fixture
def recorder(project):
    """A command that appends its arguments to the file `got`, as JSON."""
    program = (
        f"#!{sys.executable}\nimport json, sys\n"
        "with open('got', 'a') as out:\n    out.write(json.dumps(sys.argv[1:]) + '\\n')\n"
    )
    return project.command("record", program)


def run(project, value: str, code: int = 0):
    project.write("values.json", json.dumps({"value": value}))
    done = project("run", "--playbook", "hostile", "--parameters", "@values.json")
    assert done.code == code, done
    assert not (project.root / "pwned").exists()
    assert "Traceback" not in done.err
    return done


def got(project) -> list[list[str]]:
    return [json.loads(line) for line in project.lines("got")]


def test_a_command_gets_one_argument(project, recorder, value) -> None:
    project.playbook("hostile", PARAMETERS + "steps:\n  - command: /record a ${value} x${value}y\n")
    run(project, value)
    assert got(project) == [["a", value, f"x{value}y"]]


def test_an_environment_variable_gets_it_whole(project, value) -> None:
    text = "steps:\n  - env: {V: '${value}'}\n    shell: printf %s \"$V\" > out\n"
    project.playbook("hostile", PARAMETERS + text)
    run(project, value)
    assert (project.root / "out").read_bytes() == value.encode()


@pytest.mark.parametrize("form", ["${value}", '"${value}"'])
def test_a_shell_gets_it_by_a_variable(project, value, form) -> None:
    project.playbook("hostile", PARAMETERS + f"steps:\n  - shell: printf %s {form} > out\n")
    run(project, value)
    assert (project.root / "out").read_bytes() == value.encode()


def test_a_script_gets_it_by_a_variable(project, value) -> None:
    text = "steps:\n  - script: |\n      printf %s ${value} > out\n"
    text += '      printf %s "<${value}>" >> out\n'
    project.playbook("hostile", PARAMETERS + text)
    run(project, value)
    assert (project.root / "out").read_bytes() == f"{value}<{value}>".encode()


def test_a_condition_compares_it_as_text(project, recorder, value) -> None:
    text = (
        "steps:\n  - name: same\n    type: conditional\n    condition: ${value} == env.EXPECTED\n"
        "    then:\n      - command: /record yes ${value}\n"
        "    else:\n      - command: /record no ${value}\n"
    )
    project.playbook("hostile", PARAMETERS + text)
    project.env["EXPECTED"] = value
    run(project, value)
    assert got(project) == [["yes", value]]


def test_a_loop_hands_on_each_item(project, recorder, value) -> None:
    text = (
        "steps:\n  - name: each\n    type: foreach\n    items: ['${value}', plain]\n    as: item\n"
        "    steps:\n      - command: /record ${item}\n"
    )
    project.playbook("hostile", PARAMETERS + text)
    run(project, value)
    assert got(project) == [[value], ["plain"]]


def test_a_handler_sees_it(project, recorder, value) -> None:
    text = (
        "steps:\n  - name: broken\n    command: /bin/false ${value}\n"
        "    on_failure:\n      - command: /record ${value} ${error.step}\n"
    )
    project.playbook("hostile", PARAMETERS + text)
    run(project, value, code=1)
    assert got(project) == [[value, "broken"]]


def test_an_output_is_not_evaluated_again(project, recorder, value) -> None:
    project.write("printer.json", json.dumps({"said": value}))
    text = (
        "steps:\n  - name: say\n    shell: cat printer.json\n"
        "  - command: /record ${say.output.said}\n"
    )
    project.playbook("hostile", PARAMETERS + text)
    run(project, value)
    assert got(project) == [[value]]


def test_output_that_is_not_utf_8_is_kept_as_it_is(project) -> None:
    project.playbook(
        "hostile", "steps:\n  - name: raw\n    shell: printf '\\377\\376 caf\\351\\n'\n"
    )
    done = project("run", "--playbook", "hostile")
    assert done.code == 0, done
    shown = project("logs", project.newest(), "--step", "raw")
    assert shown.out == "\\xff\\xfe caf\\xe9\n"
    piece = json.loads(project.ok("logs", project.newest(), "--json").out)
    assert piece["text"] == "\ufffd\ufffd caf\ufffd\n"


def test_a_value_that_is_not_utf_8_arrives_as_it_is(project) -> None:
    text = "steps:\n  - command: /usr/bin/env printf %s ${value}\n    name: say\n"
    project.playbook("hostile", PARAMETERS + text)
    project.ok("run", "--playbook", "hostile", "--parameters", "value=caf\udce9")
    assert project.ok("logs", project.newest(), "--step", "say").out == "caf\\xe9"
    assert project.workflow(project.newest())["parameters"] == {"value": "caf\udce9"}

import re
import xml.etree.ElementTree as ElementTree

import pytest
from this_year import YEAR

RELEASE = """\
name: release
steps:
  - name: flaky
    shell: 'test -e flag || { touch flag; exit 3; }'
    retry: {attempts: 3, delay: 0.2}
  - name: spread
    type: parallel
    branches:
      - name: left
        steps:
          - name: build
            shell: >-
              until test -e checks; do sleep 0.02; done;
              while kill -0 $(cat checks) 2> /dev/null; do sleep 0.02; done; sleep 0.3
      - {name: right, steps: [{name: check, shell: echo $$ > checking; mv checking checks}]}
  - {name: "odd <&> name", shell: "true"}
"""


@pytest.fixture
def released(project):
    project.playbook("release", RELEASE)
    project.ok("run", "--playbook", "release")
    project.ok("run", "--playbook", "release")
    return project


def test_where_the_time_went_for_people(released) -> None:
    said = released.ok("analyze", "--workflow", f"WF-{YEAR}-001").out
    assert "Where the time went" in said
    assert "waited before retries" in said
    assert "1 of them a retry" in said
    assert re.search(r"spread/left/build: \d+(\.\d)? s of the critical path", said)
    assert "beside" not in said.split("Slowest steps")[0]
    second = released.ok("analyze", "current").out
    assert "beside 1 earlier workflow" in second
    assert re.search(r"usually \d+(\.\d)? s", second)


def test_where_the_time_went_for_programs(released) -> None:
    data = released.ok("analyze", "--workflow", f"WF-{YEAR}-001", "--json").json
    assert data["id"] == f"WF-{YEAR}-001"
    assert data["retries"] == 1
    assert data["peak"] == 2
    assert sum(data["time"].values()) == pytest.approx(data["duration"], abs=1e-4)
    assert 0.2 <= data["time"]["retry"] < data["duration"]
    assert [p["path"] for p in data["critical_path"] if p["what"] == "running"] == [
        "flaky", "flaky", "spread/left/build", "odd <&> name",
    ]  # fmt: skip


def test_flaky_steps_and_two_workflows_beside_each_other(released) -> None:
    flaky = released.ok("analyze", "--flaky", "--json").json
    assert flaky == {
        "workflows": 2,
        "steps": [
            {"playbook": "release", "path": "flaky", "runs": 2, "failed": 0, "retried": 1,
             "share": 0.5}
        ],
    }  # fmt: skip
    said = released.ok("analyze", f"WF-{YEAR}-002", "--compare", f"WF-{YEAR}-001", "--json").json
    changes = [abs(step["change"]) for step in said["steps"]]
    assert changes == sorted(changes, reverse=True)
    (flaky,) = [step for step in said["steps"] if step["path"] == "flaky"]
    assert flaky["before"] >= 0.2  # it had to wait before its second attempt
    assert flaky["change"] == pytest.approx(flaky["after"] - flaky["before"], abs=1e-5)


def test_a_report_is_one_file_that_needs_nothing_else(released) -> None:
    released.ok("analyze", "--workflow", f"WF-{YEAR}-001", "--html", "report.html")
    text = (released.root / "report.html").read_text()
    assert "odd &lt;&amp;&gt; name" in text
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    svg = text[text.index("<svg") : text.index("</svg>") + 6]
    picture = ElementTree.fromstring(svg)
    names = [node.text for node in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert {"build", "check", "left", "odd <&> name"} <= set(names)


def test_wrong_calls_say_what_to_do(released) -> None:
    for words, code in (
        (("analyze",), 2),
        (("analyze", "--workflow", "WF-2025-001"), 3),
        (("analyze", f"WF-{YEAR}-001", "--compare", f"WF-{YEAR}-009"), 3),
        (("analyze", f"WF-{YEAR}-001", "--html", "no/such/folder/x.html"), 2),
        (("analyze", "--flaky", "--compare", f"WF-{YEAR}-001"), 2),
        (("analyze", f"WF-{YEAR}-001", "--playbook", "release"), 2),
    ):
        done = released(*words)
        assert done.code == code, words
        assert "Traceback" not in done.err

"""`run --verbose` and `--debug`: decisions with their reasons, expressions with their values, calls
as they are made.
"""

import re
import shlex
from pathlib import Path

import pytest
from this_year import YEAR

COMMANDS = (Path(__file__).parent / "spec" / "commands.txt").read_text().splitlines()
DEBUG = "run --playbook test --debug --verbose"
SECRET = "hunter2-hunter2"

PLAYBOOK = f"""
name: test
parameters:
  - {{name: version, default: "1.0"}}
  - {{name: token, secret: true, default: {SECRET}}}
variables:
  limit: 3
steps:
  - name: build
    shell: echo '{{"n":5}}'; test -n ${{version}}
    env: {{MODE: fast, TOKEN: "${{token}}"}}
    timeout: 5m
  - name: flaky
    shell: test -e done || {{ touch done; exit 3; }}
    retry: {{attempts: 2, delay: 0.1}}
  - name: split
    type: conditional
    condition: ${{build.output.n}} > ${{limit}}
    then:
      - name: look
        command: /look ${{build.output.n}} "a b"
  - name: rare
    when: ${{environment}} == "production"
    command: 'true'
  - name: each
    type: foreach
    items: [x, y]
    as: item
    steps:
      - command: /look ${{item}}
"""


@pytest.fixture
def site(project):
    project.playbook("test", PLAYBOOK)
    project.command("look", "#!/bin/sh\nexit 0\n")
    return project


def told(text: str) -> list[str]:
    """The lines without clocks, marks, durations and places."""
    found = []
    for line in text.splitlines():
        line = re.sub(r"^\d\d:\d\d:\d\d . ", "* ", line.strip())
        line = re.sub(r"  playbooks/test\.yaml:\d+:\d+$", "", line)
        found.append(re.sub(r" \(\d+\.\d s\)$", "", line))
    return found


def in_order(lines: list[str], wanted: list[str]) -> None:
    """Each wanted line comes after the one before it."""
    at = 0
    for line in wanted:
        assert line in lines[at:], f"{line!r} is not among {lines[at:]}"
        at = lines.index(line, at) + 1


def test_the_example_of_the_manual(site) -> None:
    assert f"/orchestrate {DEBUG}" in COMMANDS
    done = site.ok(*shlex.split(DEBUG))
    lines = told(done.out)
    root = site.root
    in_order(
        lines,
        [
            f"WF-{YEAR}-001 test in dev",
            "environment dev, by default (no file)",
            "parameter version = 1.0: its default",
            "parameter token = ***: its default",
            "build: version = 1.0",
            "* build echo '{\"n\":5}'; test -n ${version}",
            f"build: in {root}, deadline 5 m 00 s",
            "build: env + PARAM_VERSION=1.0",
            "build: env + MODE=fast",
            "build: env + TOKEN=***",
            "* build succeeded",
            "* flaky failed: exit code 3",
            "flaky: waits 0.1 s (the pause before attempt 2)",
            "flaky: tried again, because attempt 1 failed: exit code 3",
            "split: build.output.n > limit = true (build.output.n = 5, limit = 3)",
            "split: condition is true: takes then",
            "* split/then/look /look 5 'a b'",
            f"split/then/look: argv: {root}/commands/look 5 'a b'",
            "split/then/look: found: commands/look",
            'rare: environment == "production" = false (environment = dev)',
            "rare: when is false: it is skipped",
            'each: 2 items: ["x", "y"]',
            "each[x]/1: item = x",
            "* each[x]/1 /look x",
            "each[y]/1: item = y",
            "* each[y]/1 /look y",
        ],
    )
    assert "build: version = 1.0  playbooks/test.yaml:10:38" in done.out
    assert re.search(r"^  #1 \+0\.0 ms workflow_created ", done.out, re.MULTILINE)
    assert re.search(r'^  #2 .* owned .*"supervisor": ', done.out, re.MULTILINE)
    assert re.search(
        rf"^ +build: attempt WF-{YEAR}-001/4, epoch 1, output ", done.out, re.MULTILINE
    )
    assert SECRET not in done.out + done.err


def test_verbose_alone_leaves_the_internals_out(site) -> None:
    done = site.ok("run", "--playbook", "test", "--verbose", "--parameters", "version=2")
    assert "parameter version = 2: given with --parameters" in done.out
    assert "split: condition is true: takes then" in done.out
    assert "#3" not in done.out
    assert "epoch" not in done.out
    assert SECRET not in done.out + done.err


def test_with_json_it_goes_to_stderr(site) -> None:
    done = site.ok("run", "--playbook", "test", "--verbose", "--json")
    assert done.json["state"] == "succeeded"
    assert "split: condition is true: takes then" in done.err


def test_where_values_come_from(site) -> None:
    site.write("environments/staging.yaml", "parameters:\n  version: '7'\n")
    done = site.ok("run", "--playbook", "test", "--verbose", "--environment", "staging")
    assert f"parameter version = 7: from {site.root}/environments/staging.yaml" in done.out
    assert "environment staging, as given" in done.out


def test_the_difference_of_environments(site) -> None:
    site.playbook(
        "env",
        """
        steps:
          - name: one
            command: 'true'
            env: {LANG: C.UTF-8, NEW: "a b"}
        secrets:
          - {name: key, source: environment, variable: MY_KEY}
        """,
    )
    done = site("run", "--playbook", "env", "--verbose", env={"LANG": "C", "MY_KEY": SECRET})
    assert done.code == 0
    assert "one: env ~ LANG=C.UTF-8" in done.out
    assert "one: env + NEW='a b'" in done.out
    assert "one: env - MY_KEY" in done.out
    assert "secret key from environment" in done.out
    assert SECRET not in done.out


def test_nothing_is_told_to_nobody(site) -> None:
    done = site("run", "--playbook", "test", "--detach", "--verbose")
    assert done.code == 2
    assert "--detach shows nothing" in done.err


def test_a_dry_run_in_full(site) -> None:
    short = site.ok("run", "--playbook", "test", "--dry-run").out
    full = site.ok("run", "--playbook", "test", "--dry-run", "--verbose").out
    assert "argv:" not in short
    assert f"argv: {site.root}/commands/look <build.output.n> 'a b'" in full

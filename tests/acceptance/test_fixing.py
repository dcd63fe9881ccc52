"""`validate --fix`: what it does to files, and what it shows."""

import stat

import pexpect
import pytest
from differences import applied

WRONG = """\
# Rolls a version out. Ask the platform team before you change the order!
name: rollout
description: Bring a version to everybody
tags: deployment

steps:
  # Nothing is touched before this is green.
  - name: check
    type: validation
    command: /bin/echo checking ${new_version}
    timeout: 5 min          # a cold cache takes four

  - name: spread
    type: paralel
    max_parallel: 2   # the registry allows no more
    branches:
      - name: left
        steps:
          - comand: /bin/echo pull left      # before push
            timeout: 1h
      - name: right
        steps:
          - {name: pull, command: '/bin/echo pull right'}

  - name: announce
    shell: echo "version ${new_version} is out" >> news.txt
    env:
      # Shown by the news page.
      NEXT_CHECK: */15 * * * *
    on-failure:
      - command: /bin/echo nobody was told   # silence would be worse
"""
DIFFERENCE = """\
--- a/playbooks/rollout.yaml
+++ b/playbooks/rollout.yaml
@@ -1,22 +1,28 @@
 # Rolls a version out. Ask the platform team before you change the order!
 name: rollout
 description: Bring a version to everybody
-tags: deployment
+tags: [deployment]
+
+parameters:
+  - name: new_version
+    type: string
+    required: true
 
 steps:
   # Nothing is touched before this is green.
   - name: check
     type: validation
     command: /bin/echo checking ${new_version}
-    timeout: 5 min          # a cold cache takes four
+    timeout: 5m          # a cold cache takes four
 
   - name: spread
-    type: paralel
+    type: parallel
     max_parallel: 2   # the registry allows no more
     branches:
       - name: left
         steps:
-          - comand: /bin/echo pull left      # before push
+          - name: echo-pull
+            command: /bin/echo pull left      # before push
             timeout: 1h
       - name: right
         steps:
@@ -26,6 +32,7 @@
     shell: echo "version ${new_version} is out" >> news.txt
     env:
       # Shown by the news page.
-      NEXT_CHECK: */15 * * * *
-    on-failure:
-      - command: /bin/echo nobody was told   # silence would be worse
+      NEXT_CHECK: "*/15 * * * *"
+    on_failure:
+      - name: echo-nobody
+        command: /bin/echo nobody was told   # silence would be worse
"""  # noqa: W293 - as differences are


def test_eight_different_faults_are_repaired_and_shown(project) -> None:
    file = project.playbook("rollout", WRONG)

    done = project("validate", "--playbook", "rollout", "--fix")

    assert done.out == (
        f"{DIFFERENCE}playbooks/rollout.yaml: 9 things repaired\n"
        "✓ playbooks/rollout.yaml in dev: valid\n"
    )
    assert (done.code, done.err) == (0, "")
    repaired = file.read_text()
    comments = [line.partition("#")[2] for line in WRONG.splitlines() if "#" in line]
    assert [line.partition("#")[2] for line in repaired.splitlines() if "#" in line] == comments
    assert project("validate", "--playbook", "rollout", "--strict").code == 0
    again = project.ok("validate", "--playbook", "rollout", "--fix")
    assert again.out.startswith("playbooks/rollout.yaml: nothing to repair\n")
    assert file.read_text() == repaired
    project.ok("run", "--playbook", "rollout", "--parameters", "new_version=7")
    assert (project.root / "news.txt").read_text() == "version 7 is out\n"


def test_the_difference_is_one_that_patch_takes(project) -> None:
    file = project.playbook("rollout", WRONG)
    shown = project.ok("validate", "--playbook", "rollout", "--fix", "--dry-run").out
    assert file.read_text() == WRONG

    project.ok("validate", "--playbook", "rollout", "--fix")
    difference = shown[: shown.index("playbooks/rollout.yaml: ")]
    assert applied(WRONG, difference.splitlines(keepends=True)) == file.read_text()


def test_a_dry_run_shows_what_would_be_and_what_would_remain(project) -> None:
    text = "steps:\n  - name: a\n    comand: /bin/true\n    timeout: soon\n"
    file = project.playbook("p", text)

    done = project("validate", "--playbook", "p", "--fix", "--dry-run")

    assert done.code == 2
    assert "-    comand: /bin/true\n+    command: /bin/true\n" in done.out
    assert "p.yaml: 1 thing could be repaired (nothing was written)\n" in done.out
    assert "playbooks/p.yaml:4:14: error[wrong-type]: `timeout` is not a duration" in done.out
    assert "comand`" not in done.out
    assert file.read_text() == text


def test_what_remains_is_shown_with_its_new_place_and_ends_with_2(project) -> None:
    file = project.playbook("p", "steps:\n  - comand: x\n    timeout: soon\n")
    done = project("validate", "--playbook", "p", "--fix")
    assert done.code == 2
    assert "playbooks/p.yaml:3:14: error[wrong-type]" in done.out
    assert file.read_text() == "steps:\n  - command: x\n    timeout: soon\n"


def test_json_tells_what_was_changed(project) -> None:
    project.playbook("p", "steps:\n  - name: a\n    comand: /bin/true\n    timeout: soon\n")

    (found,) = project("validate", "--playbook", "p", "--json").json["playbooks"]
    assert "changes" not in found
    assert [(each["rule"], each["fixable"]) for each in found["findings"]] == [
        ("unknown-key", True),
        ("wrong-type", False),
    ]
    (found,) = project("validate", "--playbook", "p", "--fix", "--format", "json").json["playbooks"]
    assert found["changes"] == {
        "written": True,
        "repairs": [
            {"rule": "unknown-key", "message": "a step has no key `comand`", "line": 3},
        ],
        "diff": (
            "--- a/playbooks/p.yaml\n+++ b/playbooks/p.yaml\n@@ -1,4 +1,4 @@\n"
            " steps:\n   - name: a\n"
            "-    comand: /bin/true\n+    command: /bin/true\n     timeout: soon\n"
        ),
    }
    assert [each["rule"] for each in found["findings"]] == ["wrong-type"]


@pytest.mark.parametrize("form", ["sarif", "github"])
def test_other_formats_leave_stdout_to_the_findings(project, form: str) -> None:
    project.playbook("p", "steps:\n  - name: a\n    comand: /bin/true\n")
    done = project.ok("validate", "--playbook", "p", "--fix", "--format", form)
    assert "+    command: /bin/true\n" in done.err
    assert "+    command: /bin/true\n" not in done.out


def test_all_playbooks_are_repaired_at_once(project) -> None:
    one = project.playbook("one", "steps: [{name: a, comand: /bin/true}]\n")
    two = project.playbook("deep/two", "steps: [{name: a, command: /bin/true, timeout: 5 min}]\n")
    fine = project.playbook("three", "steps: [{name: a, command: /bin/true}]\n")
    before = fine.stat()

    done = project.ok("validate", "--all", "--fix")

    assert one.read_text() == "steps: [{name: a, command: /bin/true}]\n"
    assert two.read_text() == "steps: [{name: a, command: /bin/true, timeout: 5m}]\n"
    assert "playbooks/three.yaml: nothing to repair\n" in done.out
    assert "\n3 playbooks, all valid" in done.out
    assert (fine.stat().st_ino, fine.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_mode_links_and_odd_line_ends_stay(project) -> None:
    target = project.write("shared/real.yaml", "")
    target.write_bytes(b"\xef\xbb\xbfsteps:\r\n  - {name: a, comand: /bin/true}")
    target.chmod(0o640)
    link = project.root / "playbooks" / "p.yaml"
    link.symlink_to("../shared/real.yaml")

    project.ok("validate", "--playbook", "p", "--fix")

    assert link.is_symlink()
    assert target.read_bytes() == b"\xef\xbb\xbfsteps:\r\n  - {name: a, command: /bin/true}"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert list(target.parent.iterdir()) == [target]


def test_a_read_only_file_is_left_alone_with_a_clear_error(project) -> None:
    text = "steps: [{name: a, comand: /bin/true}]\n"
    file = project.playbook("p", text)
    file.chmod(0o444)

    done = project("validate", "--playbook", "p", "--fix")

    assert done.code == 1
    assert "error[not-writable]: playbooks/p.yaml cannot be written: it is read-only" in done.err
    assert "--fix --dry-run" in done.err
    assert file.read_text() == text
    assert project("validate", "--playbook", "p", "--fix", "--dry-run").code == 0


def test_shipped_playbooks_need_no_repair(project) -> None:
    project.ok("init")
    done = project.ok("validate", "--playbook", "maintenance", "--fix")
    assert "playbooks/maintenance.yaml: nothing to repair\n" in done.out + done.err


def test_dry_run_alone_is_refused(project) -> None:
    project.playbook("p", "steps: [{name: a, command: /bin/true}]\n")
    done = project("validate", "--playbook", "p", "--dry-run")
    assert done.code == 2
    assert "--dry-run belongs to --fix" in done.err


def test_names_that_only_another_environment_defines_are_not_declared(project) -> None:
    text = "steps: [{name: a, command: 'echo ${region}'}]\n"
    file = project.playbook("p", text)
    project.write("environments/dev.yaml", "variables: {}\n")
    project.write("environments/staging.yaml", "variables: {region: eu}\n")
    project.ok("validate", "--playbook", "p", "--fix")
    assert file.read_text() == text


def test_positions_that_scenarios_refer_to_stay(project) -> None:
    text = "steps: [{command: /bin/true}]\n"
    file = project.playbook("p", text)
    scenarios = project.write(
        "playbooks/tests/p.yaml",
        '- scenario: it fails\n  outcomes: {"1": failed}\n  expect: {state: failed}\n',
    )
    project.ok("validate", "--playbook", "p", "--fix")
    assert file.read_text() == text
    scenarios.unlink()
    project.ok("validate", "--playbook", "p", "--fix")
    assert file.read_text() == "steps: [{name: run-true, command: /bin/true}]\n"


def test_a_terminal_shows_the_difference_in_colours(project) -> None:
    project.playbook("p", "steps:\n  - name: a\n    comand: /bin/true\n")
    words = project.words("validate", "--playbook", "p", "--fix")
    shown = pexpect.run(
        " ".join(words), cwd=str(project.root), env={**project.env, "TERM": "xterm"}, timeout=120
    )
    assert b"\x1b[31m-    comand: /bin/true\x1b[0m" in shown
    assert b"\x1b[32m+    command: /bin/true\x1b[0m" in shown

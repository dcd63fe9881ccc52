"""`create --interactive` on real terminals: one that moves its cursor, one that has lines only."""

import re
import sys
from pathlib import Path

import pexpect
import pytest

from orchestrate.playbook.diagnostics import Diagnostics
from orchestrate.playbook.nodes import plain
from orchestrate.playbook.reader import read

COLOURS = re.compile(r"\x1b\[[0-9;]*(?:3[0-7]|4[0-7]|9[0-7]|38;|48;)[0-9;]*m")
TERMINALS = ["xterm-256color", "dumb"]


class Person:
    """Somebody at a terminal. Answers are given after the question was seen."""

    def __init__(self, project, term: str, words: tuple[str, ...], env: dict[str, str]) -> None:
        self.term = term
        self.child = pexpect.spawn(
            sys.executable,
            ["-m", "orchestrate", *words],
            cwd=str(project.root),
            env={**project.env, "TERM": term, "PROMPT_TOOLKIT_NO_CPR": "1", **env},
            dimensions=(60, 120),
            encoding="utf-8",
            timeout=120,
        )
        self.child.delaybeforesend = None
        self.seen = ""

    def sees(self, *texts: str) -> None:
        for text in texts:
            self.child.expect_exact(text)
            self.seen += (self.child.before or "") + text

    def types(self, text: str) -> None:
        """In place of what stands there."""
        self.child.send(f"{text}\n" if self.term == "dumb" else f"\x15{text}\r")

    def asked(self, question: str, answer: str | None = None) -> None:
        """Answer a question; None takes what is offered."""
        self.sees(question)
        if answer is None:
            self.child.send("\n" if self.term == "dumb" else "\r")
        else:
            self.types(answer)

    def chooses(self, question: str, option: str) -> None:
        """Choose a line by its number, which is read from the screen."""
        self.sees(question)
        self.child.expect(rf"(\d+)\. (?:\x1b\[[0-9;]*m)*{re.escape(option)}")
        self.seen += (self.child.before or "") + (self.child.after or "")
        number = self.child.match[1]
        if self.term == "dumb":
            self.sees("number [")
            self.child.send(f"{number}\n")
        elif len(number) == 1:
            self.child.send(f"{number}\r")
        else:
            self.child.send("9" + "\x1b[B" * (int(number) - 9) + "\r")

    def next(self, option: str) -> None:
        """Choose from the menu of a new page; an answered menu is drawn once more, so the page's
        headline has to be seen first.
        """
        self.child.expect(r"playbooks/[\w-]+\.yaml: ")
        self.chooses("What next?", option)

    def goes_back(self) -> None:
        self.child.send("<\n" if self.term == "dumb" else "\x1b")

    def leaves(self) -> int:
        self.child.sendintr()
        return self.ends()

    def ends(self) -> int:
        self.child.expect(pexpect.EOF)
        self.seen += self.child.before or ""
        self.child.close()
        return self.child.exitstatus if self.child.exitstatus is not None else -1


@pytest.fixture
def fresh(project):
    (project.root / "playbooks").rmdir()
    project.ok("init")
    return project


@pytest.fixture
def person(fresh):
    people = []

    def start(*words: str, term: str = "xterm-256color", **env: str) -> Person:
        people.append(Person(fresh, term, ("create", "--interactive", *words), env))
        return people[-1]

    yield start
    for one in people:
        one.child.close(force=True)


def files(root: Path) -> dict[str, str]:
    return {
        str(file.relative_to(root)): file.read_text()
        for file in sorted(root.rglob("*"))
        if file.is_file() and ".orchestrate" not in file.parts
    }


def document(project, name: str):
    file = project.root / f"playbooks/{name}.yaml"
    return plain(read(name, file.read_bytes(), Diagnostics()))


def adds(person: Person, kind: str) -> None:
    person.next("add a step")
    person.chooses("Where shall the new step go?", "at the end of the steps")
    person.chooses("What kind of step shall the new step be?", f"{kind}: ")


def command(person: Person, text: str, name: str | None = None) -> None:
    """The questions of a command, from its text on."""
    person.asked("command (", text)
    person.asked("name of the step", name)
    person.chooses("Anything else?", "no")


def test_the_example_of_the_manual(fresh, person) -> None:
    alice = person("--name", "db-maintenance")
    alice.chooses("Start from", "maintenance: ")
    alice.asked("What does it do?", "Look after the database")
    alice.next("write playbooks/db-maintenance.yaml")
    assert alice.ends() == 0
    assert document(fresh, "db-maintenance")["description"] == "Look after the database"
    text = (fresh.root / "playbooks/db-maintenance.yaml").read_text()
    assert "# A backup that cannot be read is none" in text
    fresh.ok("validate", "--playbook", "db-maintenance", "--strict")
    assert "6 passed" in fresh.ok("test", "db-maintenance").out
    fresh.ok("run", "--playbook", "db-maintenance")


@pytest.mark.parametrize("term", TERMINALS)
def test_steps_of_every_kind(fresh, person, term: str) -> None:
    bob = person("--name", "all", "--template", "blank", "--description", "All", term=term)
    adds(bob, "command")
    command(bob, "/backup create --name all-${timestamp}", "keep")
    adds(bob, "parallel")
    bob.asked("names of the branches", "left, right")
    bob.chooses("What kind of step shall the first one of branch left be?", "command: ")
    command(bob, "true", "l")
    bob.chooses("What kind of step shall the first one of branch right be?", "shell: ")
    bob.asked("shell (", "echo right")
    bob.asked("name of the step", "r")
    bob.chooses("Anything else?", "no")
    bob.asked("name of the step", "spread")
    bob.chooses("Anything else?", "no")
    adds(bob, "conditional")
    bob.asked("condition (", '${environment} == "dev"')
    bob.chooses("What kind of step shall the first one if it holds be?", "command: ")
    command(bob, "true", "t")
    bob.chooses("Steps if it does not hold?", "yes")
    bob.chooses("What kind of step shall the first one if it does not be?", "command: ")
    command(bob, "false", "e")
    bob.asked("name of the step", "choose")
    bob.chooses("Anything else?", "no")
    adds(bob, "foreach")
    bob.asked("items (", "eu-west-1, us-east-1")
    bob.asked("as (", "region")
    bob.asked("max_parallel (", "2")
    bob.chooses("What kind of step shall the first one for each item be?", "shell: ")
    bob.asked("shell (", "echo ${region}")
    bob.asked("name of the step", "say")
    bob.chooses("Anything else?", "timeout")
    bob.asked("timeout (", "5 parsecs")
    bob.sees("is not understood")
    bob.types("30")
    bob.chooses("Anything else?", "no")
    bob.asked("name of the step", "regions")
    bob.chooses("Anything else?", "no")
    adds(bob, "set")
    bob.asked("variables (", "count=2, word=two")
    bob.asked("name of the step", "values")
    bob.chooses("Anything else?", "no")
    adds(bob, "assert")
    bob.asked("condition (", "${count} > 1")
    bob.asked("message (", "too few")
    bob.asked("name of the step", "enough")
    bob.chooses("Anything else?", "no")
    adds(bob, "wait")
    bob.chooses("Wait", "until a command succeeds")
    bob.asked("command that is called again and again", "true")
    bob.asked("interval between calls")
    bob.asked("timeout, when to give up")
    bob.asked("name of the step", "ready")
    bob.chooses("Anything else?", "no")
    adds(bob, "playbook")
    bob.asked("playbook (", "hello")
    bob.asked("parameters (", "who=Ada")
    bob.asked("name of the step", "greet")
    bob.chooses("Anything else?", "no")
    bob.next("add a step")
    bob.chooses("Where shall the new step go?", "where something failed")
    bob.chooses("Of what?", "the whole playbook")
    bob.chooses("When?", "on_failure")
    bob.chooses("What kind of step shall the new step be?", "command: ")
    command(bob, "/notify team --severity high", "tell")
    bob.next("write playbooks/all.yaml")
    assert bob.ends() == 0, bob.seen[-2000:]
    made = document(fresh, "all")
    assert made["steps"][1:] == [
        {"name": "keep", "command": "/backup create --name all-${timestamp}"},
        {
            "name": "spread",
            "type": "parallel",
            "branches": [
                {"name": "left", "steps": [{"name": "l", "command": "true"}]},
                {"name": "right", "steps": [{"name": "r", "shell": "echo right"}]},
            ],
        },
        {
            "name": "choose",
            "type": "conditional",
            "condition": '${environment} == "dev"',
            "then": [{"name": "t", "command": "true"}],
            "else": [{"name": "e", "command": "false"}],
        },
        {
            "name": "regions",
            "type": "foreach",
            "items": ["eu-west-1", "us-east-1"],
            "as": "region",
            "max_parallel": 2,
            "steps": [{"name": "say", "shell": "echo ${region}", "timeout": 30}],
        },
        {"name": "values", "type": "set", "variables": {"count": 2, "word": "two"}},
        {"name": "enough", "type": "assert", "condition": "${count} > 1", "message": "too few"},
        {
            "name": "ready",
            "type": "wait",
            "command": "true",
            "until": "${ready.success}",
            "interval": "5s",
            "timeout": "5m",
        },
        {"name": "greet", "type": "playbook", "playbook": "hello", "parameters": {"who": "Ada"}},
    ]
    assert made["on_failure"] == [{"name": "tell", "command": "/notify team --severity high"}]
    fresh.ok("validate", "--playbook", "all")
    assert "1 passed" in fresh.ok("test", "all").out
    fresh.ok("run", "--playbook", "all")


def test_steps_are_edited_moved_removed_and_brought_back(fresh, person) -> None:
    carol = person("--name", "mine", "--template", "blank", "--description", "Mine")
    for name in ("two", "three"):
        adds(carol, "command")
        command(carol, f"echo {name}", name)
    carol.next("move a step")
    carol.chooses("Move which step?", "three")
    carol.chooses("Where to?", "to the beginning")
    carol.next("edit a step")
    carol.chooses("Edit which step?", "two")
    carol.chooses("What shall be changed?", "timeout")
    carol.asked("timeout (", "90s")
    carol.chooses("What shall be changed?", "command: echo two")
    carol.asked("command (", "echo second")
    carol.chooses("What shall be changed?", "nothing more")
    carol.next("remove a step")
    carol.chooses("Remove which step?", "first")
    carol.next("remove a step")
    carol.chooses("Remove which step?", "three")
    carol.next("undo the last change")
    carol.next("write playbooks/mine.yaml")
    assert carol.ends() == 0
    text = (fresh.root / "playbooks/mine.yaml").read_text()
    assert text.endswith(
        "steps:\n"
        "  - name: three\n"
        "    command: echo three\n"
        "\n"
        "  - name: two\n"
        "    command: echo second\n"
        "    timeout: 90s\n"
    )
    assert document(fresh, "mine")["steps"] == [
        {"name": "three", "command": "echo three"},
        {"name": "two", "command": "echo second", "timeout": "90s"},
    ]


def test_a_transaction_says_what_undoes_its_steps(fresh, person) -> None:
    judy = person("--name", "move", "--template", "blank", "--description", "Move")
    adds(judy, "transaction")
    judy.chooses("What kind of step shall the first one in the transaction be?", "command: ")
    command(judy, "echo copied", "copy")
    judy.asked("name of the step", "both")
    judy.chooses("Anything else?", "no")
    judy.next("add a step")
    judy.chooses("Where shall the new step go?", "where something failed, succeeded or ended, or")
    judy.chooses("Of what?", "  copy  echo copied")
    judy.chooses("When?", "compensate: what undoes it")
    judy.chooses("What kind of step shall the new step be?", "command: ")
    command(judy, "echo removed", "take-back")
    judy.next("edit a step")
    judy.chooses("Edit which step?", "  copy")
    judy.chooses("What shall be changed?", "compensate_on")
    judy.asked("compensate_on (", "start")
    judy.chooses("What shall be changed?", "nothing more")
    judy.next("write playbooks/move.yaml")
    assert judy.ends() == 0
    (copy,) = document(fresh, "move")["steps"][-1]["steps"]
    assert copy == {
        "name": "copy",
        "command": "echo copied",
        "compensate": [{"name": "take-back", "command": "echo removed"}],
        "compensate_on": "start",
    }
    fresh.ok("validate", "--playbook", "move")


def test_only_steps_in_a_transaction_can_be_undone(fresh, person) -> None:
    mike = person("--name", "plain", "--template", "blank", "--description", "Plain")
    mike.next("add a step")
    mike.chooses("Where shall the new step go?", "where something failed")
    mike.chooses("Of what?", "first")
    mike.sees("When?", "finally: in any case")
    assert mike.leaves() == 130
    assert "compensate" not in mike.seen


def test_branches_are_renamed(fresh, person) -> None:
    nina = person("--name", "spread", "--template", "blank", "--description", "Spread")
    adds(nina, "parallel")
    nina.asked("names of the branches", "left, right")
    for side in ("left", "right"):
        nina.chooses(f"What kind of step shall the first one of branch {side} be?", "command: ")
        command(nina, f"echo {side}", side)
    nina.asked("name of the step", "both")
    nina.chooses("Anything else?", "no")
    nina.next("rename a branch")
    nina.chooses("Rename which branch?", "both: branch right")
    nina.asked("name of the branch", "left")
    nina.sees("another branch is called left")
    nina.types("east")
    nina.next("write playbooks/spread.yaml")
    assert nina.ends() == 0
    branches = document(fresh, "spread")["steps"][-1]["branches"]
    assert [next(iter(branch)) for branch in branches] == ["name", "name"]
    assert [branch["name"] for branch in branches] == ["left", "east"]


def test_waits_for_events_and_for_people(fresh, person) -> None:
    olga = person("--name", "careful", "--template", "blank", "--description", "Careful")
    adds(olga, "wait")
    olga.chooses("Wait", "for an event")
    olga.asked("type of the event", "build-finished")
    olga.asked("where it comes from", "ci/*")
    olga.asked("filter (", "${event.data.level} > 2")
    olga.asked("timeout, when to give up", "2h")
    olga.asked("name of the step", "built")
    olga.chooses("Anything else?", "no")
    adds(olga, "approval")
    olga.asked("message (", "Release it?")
    olga.asked("approvers (", "alice, group:operators")
    olga.asked("timeout (", "4h")
    olga.asked("name of the step", "gate")
    olga.chooses("Anything else?", "no")
    olga.next("write playbooks/careful.yaml")
    assert olga.ends() == 0
    assert document(fresh, "careful")["steps"][1:] == [
        {
            "name": "built",
            "type": "wait",
            "event": "build-finished",
            "source": "ci/*",
            "filter": "${event.data.level} > 2",
            "timeout": "2h",
        },
        {
            "name": "gate",
            "type": "approval",
            "message": "Release it?",
            "approvers": ["alice", "group:operators"],
            "timeout": "4h",
        },
    ]
    fresh.ok("validate", "--playbook", "careful")
    assert "passed" in fresh.ok("test", "careful").out


def test_parameters_are_added_edited_and_removed(fresh, person) -> None:
    dave = person("--name", "mine", "--template", "blank", "--description", "Mine")
    dave.next("parameters")
    dave.chooses("Parameters", "add a parameter")
    dave.asked("name", "9 lives")
    dave.sees("a letter first")
    dave.types("replicas")
    dave.chooses("type", "integer")
    dave.asked("what it is for", "How many")
    dave.asked("default (", "2")
    dave.asked("only these values", "1, 2, 3")
    dave.chooses("Parameters", "edit environment")
    dave.asked("name")
    dave.chooses("type", "string")
    dave.asked("what it is for", "Where")
    dave.asked("default (", "staging")
    dave.asked("only these values")
    dave.chooses("Parameters", "done")
    dave.next("write playbooks/mine.yaml")
    assert dave.ends() == 0
    assert document(fresh, "mine")["parameters"] == [
        {"name": "environment", "description": "Where", "default": "staging"},
        {
            "name": "replicas",
            "description": "How many",
            "type": "integer",
            "default": 2,
            "choices": [1, 2, 3],
        },
    ]


@pytest.mark.parametrize("term", TERMINALS)
def test_back_leads_to_the_question_before(fresh, person, term: str) -> None:
    erin = person(term=term)
    erin.asked("Name of the playbook", "helo")
    erin.sees("Start from")
    erin.goes_back()
    erin.asked("Name of the playbook", "mine")
    erin.chooses("Start from", "blank")
    erin.sees("What does it do?")
    erin.goes_back()
    erin.chooses("Start from", "blank")
    erin.asked("What does it do?", "Mine")
    erin.next("add a step")
    erin.chooses("Where shall the new step go?", "at the end of the steps")
    erin.chooses("What kind of step shall the new step be?", "foreach: ")
    erin.asked("items (", "a, b")
    erin.sees("as (")
    erin.goes_back()
    erin.sees("items (")
    erin.goes_back()
    erin.chooses("What kind of step shall the new step be?", "command: ")
    erin.sees("command (")
    erin.goes_back()
    erin.sees("What kind of step shall the new step be?")
    erin.goes_back()
    erin.sees("Where shall the new step go?")
    erin.goes_back()
    erin.sees("playbooks/mine.yaml: valid", "What next?")
    erin.goes_back()
    erin.asked("What does it do?", "Still mine")
    erin.next("write playbooks/mine.yaml")
    assert erin.ends() == 0
    made = document(fresh, "mine")
    assert made["description"] == "Still mine"
    assert [step["name"] for step in made["steps"]] == ["first"]


def test_back_from_the_first_question_asks_whether_to_leave(fresh, person) -> None:
    before = files(fresh.root)
    frank = person()
    frank.sees("Name of the playbook")
    frank.goes_back()
    frank.chooses("Leave without creating anything?", "no")
    frank.sees("Name of the playbook")
    frank.goes_back()
    frank.chooses("Leave without creating anything?", "yes")
    assert frank.ends() == 130
    assert files(fresh.root) == before


@pytest.mark.parametrize(
    ("where", "term"),
    [
        ("Name of the playbook", "xterm-256color"),
        ("Start from", "xterm-256color"),
        ("What next?", "xterm-256color"),
        ("command (", "xterm-256color"),
        ("Start from", "dumb"),
        ("command (", "dumb"),
    ],
)
def test_leaving_at_any_question_leaves_no_trace(fresh, person, where: str, term: str) -> None:
    before = files(fresh.root)
    grace = person(term=term)
    grace.sees("Name of the playbook")
    if where != "Name of the playbook":
        grace.types("mine")
        grace.sees("Start from")
    if where in ("What next?", "command ("):
        grace.child.send("\r")
        grace.asked("What does it do?")
        grace.sees("What next?")
    if where == "command (":
        grace.child.send("\r")
        grace.chooses("Where shall the new step go?", "at the end of the steps")
        grace.chooses("What kind of step shall the new step be?", "command: ")
        grace.sees("command (")
    assert grace.leaves() == 130
    assert "nothing was written" in grace.seen
    assert "Traceback" not in grace.seen
    assert files(fresh.root) == before


def test_the_menu_lets_one_leave_too(fresh, person) -> None:
    before = files(fresh.root)
    heidi = person("--name", "mine", "--template", "recovery", "--description", "Mine")
    heidi.next("leave without writing")
    assert heidi.ends() == 130
    assert files(fresh.root) == before


def test_mistakes_are_shown_while_it_is_put_together(fresh, person) -> None:
    ivan = person("--name", "mine", "--template", "blank", "--description", "Mine")
    adds(ivan, "command")
    command(ivan, "/backpu create ${nobody}", "odd")
    ivan.sees("playbooks/mine.yaml: ", "1 error", "`nobody` is not defined here")
    ivan.chooses("What next?", "write playbooks/mine.yaml although it has errors")
    ivan.chooses("Write it all the same?", "no")
    ivan.next("edit a step")
    ivan.chooses("Edit which step?", "odd")
    ivan.chooses("What shall be changed?", "command: ")
    ivan.asked("command (", "/backup list")
    ivan.chooses("What shall be changed?", "nothing more")
    ivan.sees("playbooks/mine.yaml: valid")
    ivan.chooses("What next?", "write playbooks/mine.yaml")
    assert ivan.ends() == 0


def test_commands_of_the_project_are_completed(fresh, person) -> None:
    judy = person("--name", "mine", "--template", "blank", "--description", "Mine")
    adds(judy, "command")
    judy.sees("command (")
    judy.child.send("/gr")
    judy.sees("/greet")
    judy.child.send("\t --who me\r")
    judy.asked("name of the step")
    judy.chooses("Anything else?", "no")
    judy.next("write playbooks/mine.yaml")
    assert judy.ends() == 0
    assert document(fresh, "mine")["steps"][1] == {"name": "greet-me", "command": "/greet --who me"}


def test_names_that_are_taken_or_impossible_are_refused_at_once(fresh, person) -> None:
    kim = person()
    kim.asked("Name of the playbook", "hello")
    kim.sees("exists already")
    kim.types("my play")
    kim.sees("my-play")
    kim.types("mine")
    kim.sees("Start from")
    assert kim.leaves() == 130


def test_no_color_means_none(fresh, person) -> None:
    lena = person("--name", "mine", NO_COLOR="1")
    lena.chooses("Start from", "deployment: ")
    lena.asked("What does it do?")
    lena.next("write playbooks/mine.yaml")
    assert lena.ends() == 0
    assert COLOURS.findall(lena.seen) == []


def test_a_narrow_terminal_shows_tree_and_yaml_below_each_other(fresh, person) -> None:
    mike = person("--name", "mine", "--template", "deployment", "--description", "Mine")
    mike.child.setwinsize(40, 60)
    mike.next("move a step")
    mike.sees("Move which step?")
    mike.goes_back()
    mike.next("write playbooks/mine.yaml")
    assert mike.ends() == 0


def test_without_a_terminal_it_says_how_to_do_without(fresh) -> None:
    refused = fresh("create", "--name", "db-maintenance", "--interactive")
    assert refused.code == 2
    assert "nobody can be asked here" in refused.err
    assert "orchestrate create --name db-maintenance --template blank" in refused.err
    assert not (fresh.root / "playbooks/db-maintenance.yaml").exists()

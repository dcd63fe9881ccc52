"""The session: the first questions, then changes until the playbook is right, then its files."""

from collections.abc import Callable
from typing import Any, NamedTuple

import click

from orchestrate.app import App
from orchestrate.cli.console import err
from orchestrate.cli.style import is_dumb
from orchestrate.cli.wizard.asking import (
    Answers,
    Asker,
    BackError,
    LeaveError,
    Option,
    Question,
    interview,
    yes_or_no,
)
from orchestrate.cli.wizard.draft import Draft, steps_of
from orchestrate.cli.wizard.forms import Forms, Words
from orchestrate.cli.wizard.parameters import change_parameters
from orchestrate.cli.wizard.places import choose_branch, choose_place, choose_step
from orchestrate.cli.wizard.preview import Checked, check_draft, preview
from orchestrate.errors import ExitCode, OrchestrateError
from orchestrate.library import creating
from orchestrate.library.catalogue import FOLDER, names
from orchestrate.library.sketching import scenarios_for
from orchestrate.playbook.diagnostics import Diagnostics
from orchestrate.playbook.nodes import MapNode
from orchestrate.playbook.reader import read
from orchestrate.playbook.writing.blocks import Block
from orchestrate.playbook.writing.loading import load


class Wanted(NamedTuple):
    """What the command line said already; None is asked for."""

    name: str | None
    template: str | None
    description: str | None


def compose(app: App, wanted: Wanted, *, force: bool) -> creating.Creation:
    """Ask until the playbook is right. Whoever leaves ends the process with 130."""
    try:
        return _Session(app, _asker(), wanted, force=force).run()
    except (LeaveError, KeyboardInterrupt):  # also between two questions
        err.line("left: nothing was written")
        raise click.exceptions.Exit(ExitCode.INTERRUPTED) from None


def _asker() -> Asker:
    if is_dumb():
        from orchestrate.cli.wizard.lines import LineAsker

        return LineAsker()
    from orchestrate.cli.wizard.terminal import TerminalAsker

    return TerminalAsker()


class _Session:
    def __init__(self, app: App, asker: Asker, wanted: Wanted, *, force: bool) -> None:
        self._app = app
        self._asker = asker
        self._wanted = wanted
        self._force = force
        self._draft = Draft(Block())
        given = wanted._asdict().items()
        self._answers: Answers = {key: value for key, value in given if value is not None}
        self._forms = Forms(asker, _words(app), lambda: self._draft.names())

    def run(self) -> creating.Creation:
        """First questions, then changes; back from the changes leads to the last question."""
        self._begin()
        while True:
            try:
                return self._changes()
            except BackError:
                self._begin()

    def _begin(self) -> None:
        """Ask the first questions; the second time from the last one."""
        questions, before = self._questions(), self._answers
        again = bool(self._draft.document)
        while True:
            try:
                self._answers = interview(questions, before, from_last=again)
                break
            except BackError:
                if self._wants_to_leave():
                    raise LeaveError from None
                if again and not questions:
                    return
        if not again or self._answers["template"] != before["template"]:
            self._draft = Draft(_from_template(self._answers))
        self._draft.document["name"] = self._answers["name"]
        self._draft.document["description"] = self._answers["description"]

    def _wants_to_leave(self) -> bool:
        try:
            return yes_or_no(self._asker, "Leave without creating anything?")
        except BackError:
            return False

    def _questions(self) -> list[Question]:
        """Those that the command line did not answer."""
        asked = [
            Question("name", self._ask_name),
            Question("template", self._ask_template),
            Question("description", self._ask_description),
        ]
        given = self._wanted._asdict()
        return [question for question in asked if given[question.key] is None]

    def _ask_name(self, answers: Answers) -> str:
        def check(name: str) -> str:
            try:
                creating.check_name(name)
                creating.check_free(self._app.project, name, force=self._force)
            except OrchestrateError as error:
                return f"{error.message}. {error.hint}"
            return ""

        return self._asker.text("Name of the playbook", answers.get("name", ""), check=check)

    def _ask_template(self, answers: Answers) -> str:
        options = [
            Option(name, f"{name}: {template.summary}")
            for name, template in creating.TEMPLATES.items()
        ]
        return self._asker.choose("Start from", options, answers.get("template"))

    def _ask_description(self, answers: Answers) -> str:
        template = creating.TEMPLATES[answers["template"]]
        return self._asker.text(
            "What does it do?", answers.get("description", template.description)
        )

    @property
    def _file(self) -> str:
        return f"{FOLDER}/{self._answers['name']}.yaml"

    def _changes(self) -> creating.Creation:
        """Change after change, each followed by a preview."""
        while True:
            checked = check_draft(self._app, self._app.project.root / self._file, self._draft)
            page = preview(self._draft, checked, self._file, self._asker.size)
            self._asker.show(page)
            chosen = self._asker.choose("What next?", self._menu(checked))
            match chosen:
                case "write":
                    if self._is_sure(checked):
                        return self._creation(checked)
                case "undo":
                    self._draft.undo()
                case "yaml":
                    self._asker.show(checked.text.splitlines())
                    self._asker.choose("", [Option("", "go back")])
                case "leave":
                    raise LeaveError
                case _:
                    self._change(chosen)

    def _menu(self, checked: Checked) -> list[Option]:
        has_steps = bool(steps_of(self._draft.rows()))
        options = [Option("add", "add a step")]
        if has_steps:
            options += [
                Option("edit", "edit a step"),
                Option("move", "move a step"),
                Option("remove", "remove a step"),
            ]
        if self._draft.branches():
            options.append(Option("branch", "rename a branch"))
        options.append(Option("parameters", "parameters"))
        if self._draft.can_undo:
            options.append(Option("undo", "undo the last change"))
        options.append(Option("yaml", "show all of the YAML"))
        errors = " although it has errors" if checked.errors else ""
        options.append(Option("write", f"write {self._file}{errors}"))
        return [*options, Option("leave", "leave without writing")]

    def _change(self, what: str) -> None:
        """One change; going back out of its first question changes nothing."""
        changes: dict[str, Callable[[], object]] = {
            "add": self._add,
            "edit": self._edit,
            "move": self._move,
            "remove": self._remove,
            "branch": self._rename_branch,
            "parameters": lambda: change_parameters(self._asker, self._draft.document),
        }
        self._draft.begin_change()
        try:
            changes[what]()
        except BackError:
            self._draft.undo()
        else:
            self._draft.end_change()

    def _add(self) -> None:
        def ask_step(_: Answers) -> Block:
            return self._forms.step("the new step")

        answers = interview(
            [
                Question("place", lambda _: choose_place(self._asker, self._draft)),
                Question("step", ask_step),
            ]
            if steps_of(self._draft.rows())
            else [Question("step", ask_step)]
        )
        steps, index = answers.get("place", (("steps",), 0))
        self._draft.insert(steps, index, answers["step"])

    def _edit(self) -> None:
        path = choose_step(self._asker, self._draft, "Edit which step?")
        self._forms.edit(self._draft.at(path))
        self._draft.changed = path

    def _rename_branch(self) -> None:
        path = choose_branch(self._asker, self._draft)
        beside = [
            str(branch.get("name", ""))
            for branch in self._draft.at(path[:-1])
            if branch is not self._draft.at(path)
        ]
        self._forms.branch(self._draft.at(path), beside)
        self._draft.changed = path[:-2]

    def _move(self) -> None:
        path = choose_step(self._asker, self._draft, "Move which step?")
        last = self._draft.siblings(path) - 1
        index: Any = path[-1]
        options = [Option("-1", "up")] if index > 0 else []
        options += [Option("1", "down")] if index < last else []
        options += [Option(str(-index), "to the beginning")] if index > 1 else []
        options += [Option(str(last - index), "to the end")] if index < last - 1 else []
        if not options:
            self._asker.choose("It stands alone in its list.", [Option("", "go back")])
            raise BackError
        self._draft.move(path, int(self._asker.choose("Where to?", options)))

    def _remove(self) -> None:
        path = choose_step(self._asker, self._draft, "Remove which step?")
        self._draft.remove(path)

    def _is_sure(self, checked: Checked) -> bool:
        """Whether it shall be written as it is."""
        if not checked.errors:
            return True
        question = "It has errors and would not run yet. Write it all the same?"
        try:
            return yes_or_no(self._asker, question)
        except BackError:
            return False

    def _creation(self, checked: Checked) -> creating.Creation:
        name, template = self._answers["name"], self._answers["template"]
        scenarios = scenarios_for(self._app.project, name, template, checked.text)
        return creating.plan_creation(self._app.project, name, template, checked.text, scenarios)


def _from_template(answers: Answers) -> Block:
    text = creating.template_text(answers["template"], answers["name"], answers["description"])
    node = read("template", text, Diagnostics())
    assert isinstance(node, MapNode)
    return load(node, text)


def _words(app: App) -> Words:
    """What can be called in this project."""
    settings = app.project.settings
    known = [f"/{name}" for name in app.registry("dev").names()]
    built_in = [
        "/monitor health",
        "/monitor metrics --baseline previous",
        "/backup create --name ",
        "/backup verify --name latest",
        "/backup prune --keep 10",
        "/backup restore --name latest",
        *(f"/test run --suite {suite}" for suite in settings.suites),
        *(f"/notify {target} --severity high" for target in settings.notify),
    ]
    return Words(tuple(dict.fromkeys((*known, *built_in))), tuple(sorted(names(app.project))))

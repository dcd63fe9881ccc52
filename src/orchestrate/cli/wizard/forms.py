"""The questions that make a step, kind by kind, and those that change one."""

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from orchestrate.cli.wizard.asking import (
    Answers,
    Asker,
    BackError,
    Option,
    Question,
    interview,
    yes_or_no,
)
from orchestrate.cli.wizard.draft import kind_of
from orchestrate.cli.wizard.values import problem_with, typed_as, value_of
from orchestrate.cli.wizard.waiting import wait_body
from orchestrate.playbook.document.kinds import (
    CALL,
    CALL_KEYS,
    COMMON_KEYS,
    COMPENSATION_KEYS,
    KINDS,
    STEP_LISTS,
)
from orchestrate.playbook.document.schema import SUMMARIES, key_meaning
from orchestrate.playbook.writing.blocks import Block

_NAME = re.compile(r"(?!\d+$)[^/\[\]\s][^/\[\]]*")
_LEFT_OUT = frozenset((*STEP_LISTS, *COMPENSATION_KEYS, "branches", "script"))
"""Keys that are no single line; the tree changes them."""


class Field(NamedTuple):
    """A key that a kind asks for. `example` stands beside its name; empty `default`: none."""

    key: str
    example: str
    default: str = ""
    required: bool = True


FIELDS: dict[str, tuple[Field, ...]] = {
    "conditional": (Field("condition", 'such as ${environment} == "production"'),),
    "foreach": (
        Field("items", "with commas between, or an expression such as ${regions}"),
        Field("as", "the name of the item", "item"),
        Field("max_parallel", "how many at once", "1", required=False),
    ),
    "playbook": (
        Field("playbook", "its name"),
        Field("parameters", "name=value, with commas between", required=False),
    ),
    "assert": (
        Field("condition", "what must hold, such as ${replicas} > 1"),
        Field("message", "what to say if it does not", required=False),
    ),
    "approval": (
        Field("message", "what is to be approved"),
        Field("approvers", "names and group:NAME, with commas between", required=False),
        Field("timeout", "how long there is to answer", required=False),
    ),
    "set": (Field("variables", "name=value, with commas between"),),
    "transaction": (),
    "parallel": (),
}


class Words(NamedTuple):
    """What is offered while somebody types."""

    commands: Sequence[str]
    playbooks: Sequence[str]


class Forms:
    """Asks for steps. `names` tells which names are taken."""

    def __init__(self, asker: Asker, words: Words, names: Callable[[], Sequence[str]]) -> None:
        self._asker = asker
        self._words = words
        self._names = names

    def step(self, purpose: str) -> Block:
        """A new step. Raises BackError from the first question."""
        answers = interview(
            [
                Question("kind", lambda a: self._kind(purpose, a.get("kind"))),
                Question("body", self._body),
                Question("name", self._name),
                Question("more", self._more),
            ]
        )
        step = Block()
        step.put("name", answers["name"])
        if answers["kind"] not in ("command", "shell"):
            step["type"] = answers["kind"]
        step.update(answers["body"])
        for key, value in answers["more"].items():
            step.put(key, value)
        return step

    def edit(self, step: Block) -> None:
        """Change keys of a step until it is right."""
        kind = kind_of(step)
        keys = [key for key in (*KINDS[kind].keys, *COMMON_KEYS) if key not in _LEFT_OUT]
        if "compensate" in step:
            keys.append("compensate_on")
        if kind != CALL:
            keys.remove("type")
        while True:
            options = [Option(key, _shown(key, step)) for key in keys]
            try:
                key = self._asker.choose("What shall be changed?",
                                         [Option("", "nothing more"), *options])  # fmt: skip
                if not key:
                    return
                self._change(step, kind, key)
            except BackError:
                return

    def _change(self, step: Block, kind: str, key: str) -> None:
        value = self._ask(key, _question(kind, key), typed_as(step.get(key, "")))
        if value and key in CALL_KEYS:
            for other in CALL_KEYS:
                if other != key:
                    step.pop(other, None)
        step.put(key, value)

    def _kind(self, purpose: str, default: str | None) -> str:
        options = [
            Option("command", "command: a program, or a command such as /backup"),
            Option("shell", "shell: a line for the shell"),
            *(Option(kind, f"{kind}: {SUMMARIES[kind][0].lower()}{SUMMARIES[kind][1:-1]}")
              for kind in KINDS if kind != CALL and (kind in FIELDS or kind == "wait")),
        ]  # fmt: skip
        return self._asker.choose(f"What kind of step shall {purpose} be?", options, default)

    def _body(self, answers: Answers) -> Block:
        kind, before = answers["kind"], answers.get("body", Block())
        match kind:
            case "command" | "shell":
                return Block({kind: self._required(kind, _question(CALL, kind), before)})
            case "wait":
                return self._wait(before)
            case "parallel":
                return self._parallel()
            case _:
                return self._with_inner(kind, before)

    def _with_inner(self, kind: str, before: Block) -> Block:
        questions = [Question(field.key, self._field(field, before)) for field in FIELDS[kind]]
        if kind == "conditional":
            questions += [
                Question("then", lambda _: [self.step("the first one if it holds")]),
                Question("other", lambda _: yes_or_no(self._asker, "Steps if it does not hold?")),
                Question("else", lambda _: [self.step("the first one if it does not")],
                         lambda a: a["other"]),
            ]  # fmt: skip
        elif kind in ("foreach", "transaction"):
            inside = "for each item" if kind == "foreach" else "in the transaction"
            questions.append(Question("steps", lambda _: [self.step(f"the first one {inside}")]))
        body = Block()
        for key, value in interview(questions).items():
            if key != "other":
                body.put(key, value)
        if body.get("max_parallel") == "1":
            del body["max_parallel"]
        return body

    def _field(self, field: Field, before: Block) -> Callable[[Answers], Any]:
        def ask(answers: Answers) -> Any:
            default = typed_as(answers.get(field.key, before.get(field.key, field.default)))
            question = f"{field.key} ({field.example})"
            return self._ask(field.key, question, default, required=field.required)

        return ask

    def _wait(self, before: Block) -> Block:
        def own(_: Answers) -> str:
            default = self._free("until-ready")
            return self._asker.text("name of the step", default, check=self._name_problem)

        return wait_body(self._asker, self._ask, own, before)

    def _parallel(self) -> Block:
        def branches(_: Answers) -> list[str]:
            typed = self._asker.text("names of the branches, with commas between", "left, right",
                                     check=_branch_problem)  # fmt: skip
            return [name.strip() for name in typed.split(",") if name.strip()]

        def first_steps(answers: Answers) -> list[Block]:
            names = answers["names"]
            questions = [
                Question(name, lambda _, name=name: self.step(f"the first one of branch {name}"))
                for name in names
            ]
            made = interview(questions)
            return [Block(name=name, steps=[made[name]]) for name in names]

        answers = interview([Question("names", branches), Question("branches", first_steps)])
        return Block(branches=answers["branches"])

    def _name(self, answers: Answers) -> str:
        if "name" in answers["body"]:
            return answers["body"]["name"]
        default = answers.get("name", self._free(suggested_name(answers["kind"], answers["body"])))
        return self._asker.text("name of the step", default, check=self._name_problem)

    def _more(self, answers: Answers) -> Block:
        """Other keys: none, or one after another."""
        kind = CALL if answers["kind"] == "shell" else answers["kind"]
        given: Block = answers.get("more", Block())
        keys = [key for key in COMMON_KEYS if key not in _LEFT_OUT and key != "name"]
        if kind != CALL:
            keys.remove("type")
        while True:
            options = [Option(key, _shown(key, given)) for key in keys]
            key = self._asker.choose("Anything else?", [Option("", "no"), *options])
            if not key:
                return given
            try:
                given.put(key, self._ask(key, _question(kind, key), typed_as(given.get(key, ""))))
            except BackError:
                continue

    def _required(self, key: str, question: str, before: Block) -> Any:
        return self._ask(key, question, typed_as(before.get(key, "")), required=True)

    def _ask(self, key: str, question: str, default: str = "", *, required: bool = False) -> Any:
        def problem(text: str) -> str:
            if required and not text:
                return "this is needed"
            if key == "name" and text != default:
                return self._name_problem(text)
            return problem_with(key, text)

        offered = {"command": self._words.commands, "playbook": self._words.playbooks}.get(key, ())
        return value_of(key, self._asker.text(question, default, words=offered, check=problem))

    def _free(self, name: str) -> str:
        """The name, or the first like it that is free."""
        taken = set(self._names())
        numbered = (f"{name}-{number}" for number in range(2, len(taken) + 3))
        return name if name not in taken else next(n for n in numbered if n not in taken)

    def branch(self, branch: Block, others: Sequence[str]) -> None:
        """Another name for a branch; `others` are those beside it."""

        def problem(name: str) -> str:
            if name in others:
                return f"another branch is called {name}"
            return "" if _NAME.fullmatch(name) else "not a number, and none of / [ ]"

        name = self._asker.text("name of the branch", str(branch.get("name", "")), check=problem)
        rest = {key: value for key, value in branch.items() if key != "name"}
        branch.clear()
        branch.update({"name": name, **rest})

    def _name_problem(self, name: str) -> str:
        if name in self._names():
            return f"another step is called {name}"
        if name and not _NAME.fullmatch(name):
            return "not a number, and none of / [ ]"
        return ""


def suggested_name(kind: str, body: Block) -> str:
    """A name from what a step calls, or from its kind."""
    call = str(body.get("command", body.get("shell", "")))
    words = [word for word in call.split() if not word.startswith("-")][:2]
    name = "-".join(re.sub(r"[^A-Za-z0-9]+", "-", word).strip("-") for word in words).strip("-")
    return name if name and not name.isdigit() else kind


def _question(kind: str, key: str) -> str:
    return f"{key} ({key_meaning(kind, key).rstrip('.')})"


def _shown(key: str, step: Block) -> str:
    value = typed_as(step.get(key, ""))
    first, _, rest = value.partition("\n")
    return f"{key}: {first}{' …' if rest else ''}" if value else key


def _branch_problem(text: str) -> str:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if len(set(names)) < 2:
        return "write at least two different names"
    wrong = next((name for name in names if not _NAME.fullmatch(name)), None)
    return f"`{wrong}` cannot be a name" if wrong else ""

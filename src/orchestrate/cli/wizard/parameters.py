"""The parameters of a draft: added, edited, removed."""

import re

from orchestrate.cli.wizard.asking import Asker, BackError, Option, Question, interview, yes_or_no
from orchestrate.cli.wizard.values import default_of, typed_as, value_of
from orchestrate.playbook.document.models import PARAMETER_TYPES
from orchestrate.playbook.writing.blocks import Block, Plain

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def change_parameters(asker: Asker, document: Block) -> None:
    """Ask until the parameters are right."""
    while True:
        listed: list[Block] = document.get("parameters", [])
        options = [Option("", "done")]
        options += [
            Option(str(number), f"edit {_shown(each)}") for number, each in enumerate(listed)
        ]
        options.append(Option("add", "add a parameter"))
        if listed:
            options.append(Option("remove", "remove a parameter"))
        try:
            chosen = asker.choose("Parameters", options)
        except BackError:
            return
        if not chosen:
            return
        try:
            _change(asker, document, listed, chosen)
        except BackError:
            continue


def _change(asker: Asker, document: Block, listed: list[Block], chosen: str) -> None:
    match chosen:
        case "add":
            _add(document, _ask(asker, Block(), [each["name"] for each in listed]))
        case "remove":
            _remove(asker, document)
        case number:
            others = [each["name"] for each in listed if each is not listed[int(number)]]
            listed[int(number)] = _ask(asker, listed[int(number)], others)


def _add(document: Block, parameter: Block) -> None:
    if "parameters" in document:
        document["parameters"].append(parameter)
        return
    steps = {key: document.pop(key) for key in list(document) if _comes_after(key)}
    remarks = {key: document.remarks.pop(key) for key in steps if key in document.remarks}
    document["parameters"] = [parameter]
    document.remarks["parameters"] = ("",)
    document.update(steps)
    document.remarks.update(remarks)


def _comes_after(key: str) -> bool:
    return key in (
        "variables",
        "secrets",
        "steps",
        "on_failure",
        "on_success",
        "finally",
        "outputs",
    )


def _remove(asker: Asker, document: Block) -> None:
    listed: list[Block] = document["parameters"]
    options = [Option(str(number), _shown(each)) for number, each in enumerate(listed)]
    del listed[int(asker.choose("Remove which?", options))]
    if not listed:
        document.put("parameters", [])


def _ask(asker: Asker, before: Block, taken: list[str]) -> Block:
    def check(name: str) -> str:
        if name in taken:
            return f"another parameter is called {name}"
        return "" if _NAME.fullmatch(name) else "letters, digits, `_` and `-`, a letter first"

    kinds = [Option(kind, kind) for kind in PARAMETER_TYPES]
    answers = interview(
        [
            Question("name", lambda a: asker.text(
                "name", a.get("name", before.get("name", "")), check=check)),
            Question("type", lambda a: asker.choose(
                "type", kinds, a.get("type", before.get("type", "string")))),
            Question("description", lambda a: asker.text(
                "what it is for", a.get("description", before.get("description", "")))),
            Question("default", lambda a: asker.text(
                "default (none: it must be given)",
                a.get("default", typed_as(before.get("default", ""))))),
            Question("choices", lambda a: asker.text(
                "only these values, with commas between (none: any)",
                a.get("choices", typed_as(before.get("choices", [])))),
                lambda a: a["type"] not in ("boolean", "list", "map")),
            Question("secret", lambda _: yes_or_no(
                asker, "Is it a secret?", default=before.get("secret") == "true"),
                lambda a: not a["default"]),
        ]
    )  # fmt: skip
    made = Block(above=before.above)
    made.remarks = before.remarks
    made["name"] = answers["name"]
    kept = {key: value for key, value in before.items() if key in ("pattern", "min", "max")}
    made.put("description", answers["description"])
    made.put("type", answers["type"] if answers["type"] != "string" else "")
    made.put("default", default_of(answers["type"], answers["default"]))
    made.put("choices", value_of("choices", answers.get("choices", "")))
    made.put("secret", Plain("true") if answers.get("secret") else "")
    made.update(kept)
    return made


def _shown(parameter: Block) -> str:
    default = f" = {typed_as(parameter['default'])}" if "default" in parameter else ""
    return f"{parameter['name']} ({parameter.get('type', 'string')}){default}"

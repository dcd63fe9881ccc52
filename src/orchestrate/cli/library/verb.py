"""`orchestrate library`: which of its actions is meant."""

from typing import Any, NamedTuple

import click

from orchestrate.app import App, open_app
from orchestrate.cli.options import json_option
from orchestrate.errors import UsageError

_ACTIONS = {
    "list": "--list",
    "search": "--search",
    "show": "--show",
    "diff": "--diff",
    "export": "--export",
    "take": "--import",
    "copy": "--copy",
}
"""What it can do, one at a time; but `--list` goes with `--search`, `--show` with `--diff`."""
_BELONGS = {
    "category": ("list", "search"),
    "format": ("export",),
    "bundle": ("export",),
    "output": ("export",),
    "include": ("export",),
    "force": ("export", "take", "copy"),
}
"""Options that only some actions know."""


class Asked(NamedTuple):
    """What was typed."""

    name: str
    list: bool
    category: str | None
    search: str | None
    show: str
    diff: tuple[str, str]
    export: str
    format: str | None
    bundle: bool
    include: tuple[str, ...]
    output: str | None
    take: str
    copy: str
    force: bool
    as_json: bool


@click.command()
@click.argument("name", required=False)
@click.option("--list", is_flag=True, help="List the playbooks (the default).")
@click.option("--category", metavar="NAME",
              help="Only deployment, maintenance, security, recovery, or your own.")  # fmt: skip
@click.option("--search", metavar="PATTERN",
              help="Those whose name, tags, description or commands fit; best first.")  # fmt: skip
@click.option("--show", metavar="NAME",
              help="One playbook: parameters, steps, workflows, versions.")  # fmt: skip
@click.option("--diff", nargs=2, metavar="A B",
              help="Two versions of it: digests, git revisions, or `current`.")  # fmt: skip
@click.option("--export", metavar="NAME", help="Write a playbook to stdout or --output.")
@click.option("--format", type=click.Choice(["yaml", "json", "zip", "tar.gz"]),
              help="yaml (as it is) or json; with --bundle zip or tar.gz.")  # fmt: skip
@click.option("--bundle", is_flag=True,
              help="With what it needs: sub-playbooks, scripts, scenario files.")  # fmt: skip
@click.option("--include", multiple=True, metavar="PATH",
              help="Put this file into the bundle, too; repeatable.")  # fmt: skip
@click.option("--output", metavar="FILE", help="Where to export to; `-` is stdout.")
@click.option("--import", "take", metavar="FILE", help="Take a playbook or a bundle in.")
@click.option("--copy", metavar="NAME", help="Take a shipped playbook into the project.")
@click.option("--force", is_flag=True, help="Overwrite files that are there and differ.")
@json_option
def library(**options: Any) -> int:
    """Browse the playbooks of the project and those that come with the program.

    With NAME: one of them. Without options: all of them.
    """
    asked = Asked(**options)
    return _do(_action(asked), open_app(), asked)


def _do(action: str, app: App, asked: Asked) -> int:
    match action:
        case "export":
            from orchestrate.cli.library.exporting import export_playbook

            return export_playbook(app, asked)
        case "take":
            from orchestrate.cli.library.taking import import_file

            return import_file(app, asked.take, force=asked.force, as_json=asked.as_json)
        case "copy":
            from orchestrate.cli.library.taking import copy_shipped

            return copy_shipped(app, asked.copy, force=asked.force, as_json=asked.as_json)
        case "show":
            from orchestrate.cli.library.details import show_playbook

            return show_playbook(app, asked.show or asked.name, as_json=asked.as_json)
        case "diff":
            from orchestrate.cli.library.differences import show_differences

            name = asked.show or asked.name
            return show_differences(app, name, *asked.diff, as_json=asked.as_json)
        case _:
            from orchestrate.cli.library.lists import list_playbooks

            return list_playbooks(app, asked.category, asked.search, as_json=asked.as_json)


def _action(asked: Asked) -> str:
    """The one action that is meant. Raises UsageError for what does not go together."""
    empty = [key for key in (*_ACTIONS, "name", "category") if getattr(asked, key) == ""]
    if empty:
        raise UsageError(
            f"{_ACTIONS.get(empty[0], f'--{empty[0]}')} says nothing",
            hint="`orchestrate library` lists all playbooks.",
        )
    given = {key for key, value in asked._asdict().items() if value not in (None, False, ())}
    actions = [key for key in _ACTIONS if key in given]
    for first, second in (("list", "search"), ("show", "diff")):
        if {first, second} <= given:
            actions.remove(first)
    if len(actions) > 1:
        names = " and ".join(_ACTIONS[key] for key in actions[:2])
        raise UsageError(f"{names} exclude each other", hint="Ask for one of them.")
    action = actions[0] if actions else "show" if asked.name else "list"
    if action == "diff" and not (asked.name or asked.show):
        raise UsageError(
            "--diff does not say of which playbook",
            hint="Name it: `orchestrate library NAME --diff A B`.",
        )
    if asked.name and (action not in ("show", "diff") or asked.show):
        taken = _ACTIONS["show" if asked.show else action]
        raise UsageError(
            f"{asked.name} is one thing too much beside {taken}",
            hint=f"`orchestrate library {asked.name}` shows that playbook.",
        )
    for option, belongs in _BELONGS.items():
        if option in given and action not in belongs:
            where = " or ".join(_ACTIONS[name] for name in belongs)
            raise UsageError(f"--{option} belongs to {where}", hint=f"Leave --{option} out.")
    return action

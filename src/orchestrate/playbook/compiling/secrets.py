"""Declared secrets: which source they come from, and whether it has what it needs."""

from collections.abc import Mapping

from orchestrate.playbook.compiling.parameters import check_name
from orchestrate.playbook.compiling.values import text_of, truth_of
from orchestrate.playbook.diagnostics import Diagnostics
from orchestrate.playbook.document.kinds import OTHER_SOURCE, SECRET_KEYS, SECRET_SOURCES
from orchestrate.playbook.edits import NONE, replacement
from orchestrate.playbook.linting.walk import walk
from orchestrate.playbook.nodes import ListNode, MapNode, Node, Scalar
from orchestrate.playbook.plan import Command, Plan, Secret, SecretRef, SubPlaybook, Text, Wait
from orchestrate.playbook.spelling import nearest, unmistakable

_VAULT_LOGIN = ("VAULT_TOKEN", "VAULT_SECRET_ID")
_OPTIONS = frozenset(SECRET_KEYS) - {"name", "source", "options", "allow_in_arguments"}


def compile_secrets(
    node: Node | None, diagnostics: Diagnostics
) -> tuple[tuple[Secret, ...], frozenset[str]]:
    """Declared secrets, and the names of those that may be arguments of commands."""
    secrets: dict[str, Secret] = {}
    arguments: set[str] = set()
    for item in node.items if isinstance(node, ListNode) else ():
        name = item.get("name") if isinstance(item, MapNode) else None
        if not isinstance(item, MapNode) or not isinstance(name, Scalar):
            continue
        if not check_name(name, diagnostics):
            continue
        if name.text in secrets:
            diagnostics.error(
                "name-collision",
                f"another secret is named `{name.text}`",
                name.place,
                hint="choose another name",
                length=len(name.text),
            )
        source = text_of(item.get("source")) or "environment"
        _check_source(item, source, diagnostics)
        secrets[name.text] = Secret(name.text, source, _options(item), name.place)
        if truth_of(item.get("allow_in_arguments"), default=False):
            arguments.add(name.text)
    return tuple(secrets.values()), frozenset(arguments)


def openly_given(parameters: Node | None) -> frozenset[str]:
    """The names of declared parameters that may be arguments although they are secret."""
    return frozenset(
        text_of(item.get("name")) or ""
        for item in (parameters.items if isinstance(parameters, ListNode) else ())
        if isinstance(item, MapNode) and truth_of(item.get("allow_in_arguments"), default=False)
    )


def is_argument(plan: Plan, parameter: str) -> bool:
    """Whether a secret parameter of the plan becomes an argument of a command somewhere in it."""
    wanted = SecretRef(parameter)
    for located in walk(plan):
        action = located.step.action
        if isinstance(action, Wait):
            action = action.probe
        if isinstance(action, Command):
            for word in action.words:
                if wanted in (word.parts if isinstance(word, Text) else (word,)):
                    return True
        elif isinstance(action, SubPlaybook):
            for name, given in action.parameters.items():
                if given == wanted and is_argument(action.plan, name):
                    return True
    return False


def check_variables(plan: Plan, diagnostics: Diagnostics) -> None:
    """What expressions read by `env` is recorded with the workflow: secrets may not be among it."""
    for secret in plan.secrets:
        hidden = _VAULT_LOGIN if secret.source == "vault" else (secret.options.get("variable"),)
        for name in hidden:
            if name in plan.env_names:
                diagnostics.error(
                    "secret-in-expression",
                    f"`env.{name}` would record what is kept secret as `{secret.name}`"
                    if secret.source == "environment"
                    else f"`env.{name}` would record what logs in to Vault",
                    secret.place,
                    hint=f"write `${{secrets.{secret.name}}}` where a command needs it"
                    if secret.source == "environment"
                    else "declare it as a secret with `source: environment`, and write "
                    "`${secrets.NAME}` where a command needs it",
                )


def _options(item: MapNode) -> Mapping[str, str]:
    """The keys of the source, as text."""
    options = {
        entry.key.text: entry.value.text
        for entry in item.entries
        if entry.key.text in _OPTIONS and isinstance(entry.value, Scalar)
    }
    if "strip" in options:
        options["strip"] = str(truth_of(item.get("strip"), default=True)).lower()
    others = item.get("options")
    for entry in others.entries if isinstance(others, MapNode) else ():
        if isinstance(entry.value, Scalar):
            options[entry.key.text] = entry.value.text
    return options


def _check_source(item: MapNode, source: str, diagnostics: Diagnostics) -> None:
    written = item.get("source")
    near = None if source in SECRET_SOURCES else nearest(source, SECRET_SOURCES)
    if near is not None and isinstance(written, Scalar):
        sure = unmistakable(source, SECRET_SOURCES)
        diagnostics.error(
            "unknown-value",
            f"`source` cannot be `{source}`",
            written.place,
            hint=f"did you mean `{near}`?",
            length=len(written.text),
            fix=NONE if sure is None else replacement(written, sure),
        )
        return
    kind = SECRET_SOURCES.get(source, OTHER_SOURCE)
    for key in kind.required:
        if item.get(key) is None:
            diagnostics.error(
                "missing-key",
                f"`{key}` is missing in the secret",
                item.place,
                hint=f"add `{key}:`",
            )
    for entry in item.entries:
        key = entry.key.text
        if key in (*_OPTIONS, "options") and key not in kind.keys:
            owners = [name for name, other in SECRET_SOURCES.items() if key in other.keys]
            owner = " or ".join(f"`source: {name}`" for name in owners)
            diagnostics.error(
                "misplaced-key",
                f"`{key}` belongs to {owner or 'sources of installed packages'}; "
                f"this is `source: {source}`",
                entry.key.place,
                hint="change `source`, or remove the key",
                length=len(key),
            )

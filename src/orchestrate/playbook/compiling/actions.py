"""What a step does, kind by kind."""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple, TypeGuard

from orchestrate.playbook.compiling.approval import compile_approval
from orchestrate.playbook.compiling.event_wait import compile_event_wait
from orchestrate.playbook.compiling.include import compile_include
from orchestrate.playbook.compiling.values import (
    as_written,
    count_of,
    text_of,
    texts_of,
    truth_of,
)
from orchestrate.playbook.compiling.wait import compile_wait
from orchestrate.playbook.names import ANY, INTEGER, NUMBER, TEXT, Known, Names
from orchestrate.playbook.nodes import ListNode, MapNode, Node, Scalar
from orchestrate.playbook.plan import (
    Action,
    Assert,
    Branch,
    Command,
    Conditional,
    Expression,
    ForEach,
    Parallel,
    Script,
    Set,
    Shell,
    Template,
    Transaction,
)
from orchestrate.playbook.reading.limits import MOST_BRANCHES, MOST_CALLED
from orchestrate.playbook.templates import compile_shell, compile_template, compile_words

if TYPE_CHECKING:
    from orchestrate.playbook.compiling.steps import StepCompiler

DEFAULT_INTERPRETER = ("/bin/sh",)
_POSIX_SHELLS = frozenset(("sh", "bash", "dash", "ksh", "ash", "zsh"))
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_ENV_HINT = "pass it by `env:`, and read the environment variable in the script"


class Given(NamedTuple):
    """A step whose action is to be compiled."""

    kind: str
    fields: Mapping[str, Node]
    names: Names
    """What its expressions may refer to."""
    frame: Names
    """The sequence that it stands in; `set` writes there."""
    node: MapNode
    name: str | None
    depth: int
    announce: Callable[[Mapping[str, Known]], Names]
    """Makes the step known, with the steps inside it; returns the names that now include it."""


def compile_action(compiler: "StepCompiler", given: Given) -> tuple[Action, Names]:
    """The action, and the names that include the step's own result."""
    match given.kind:
        case "parallel":
            action, children = _parallel(compiler, given)
        case "conditional":
            action, children = _conditional(compiler, given)
        case "foreach":
            action, children = _foreach(compiler, given)
        case "transaction":
            action, children = _transaction(compiler, given)
        case "wait" if "event" in given.fields:
            action, children = compile_event_wait(compiler, given), {}
        case "wait":
            return compile_wait(compiler, given)
        case "approval":
            action, children = compile_approval(compiler, given), {}
        case "playbook":
            action, children = compile_include(compiler.context, given), {}
        case "assert":
            action, children = _assert(compiler, given), {}
        case "set":
            action, children = _set(compiler, given), {}
        case _:
            action, children = compile_call(compiler, given), {}
    return action, given.announce(children)


def compile_call(compiler: "StepCompiler", given: Given) -> Command | Shell | Script:
    """`command`, `shell` or `script`; an empty command after an error."""
    fields, names, diagnostics = given.fields, given.names, compiler.diagnostics
    command, shell, script = (fields.get(key) for key in ("command", "shell", "script"))
    if _is_too_much(compiler, command, shell, script):
        return Command(())
    if _is_text(command):
        return Command(compile_words(command, names, diagnostics))
    if _is_text(shell):
        return Shell(*compile_shell(shell, names, diagnostics), shell.text)
    if _is_text(script):
        return Script(DEFAULT_INTERPRETER, *compile_shell(script, names, diagnostics), script.text)
    if isinstance(script, MapNode):
        return _script(compiler, script, names)
    return Command(())


def _is_too_much(compiler: "StepCompiler", *called: Node | None) -> bool:
    """Whether the playbook calls more text than is read; that is reported once."""
    before = compiler.context.called
    for node in called:
        text = node.get("text") if isinstance(node, MapNode) else node
        if isinstance(text, Scalar):
            compiler.context.called += len(text.text)
            if before <= MOST_CALLED < compiler.context.called:
                compiler.diagnostics.error(
                    "too-much-text",
                    f"all commands and shell texts have more than {MOST_CALLED:,} characters",
                    text.place,
                    hint="keep scripts in files of their own, and call these",
                )
    return compiler.context.called > MOST_CALLED


def _is_text(node: Node | None) -> TypeGuard[Scalar]:
    return isinstance(node, Scalar) and node.value is not None and bool(node.text.strip())


def _script(compiler: "StepCompiler", node: MapNode, names: Names) -> Script:
    diagnostics = compiler.diagnostics
    interpreter = texts_of(node.get("interpreter")) or DEFAULT_INTERPRETER
    if isinstance(node.get("interpreter"), Scalar):
        interpreter = tuple(interpreter[0].split())
    text = node.get("text")
    if not isinstance(text, Scalar):
        return Script(interpreter, "", {}, "")
    program = interpreter[0].rpartition("/")[2]
    if program == "env" and len(interpreter) > 1:
        program = interpreter[1]
    if program in _POSIX_SHELLS:
        return Script(interpreter, *compile_shell(text, names, diagnostics), text.text)
    if program.startswith("python") and (at := text.text.find("${")) >= 0:
        diagnostics.warning(
            "expression-in-script",
            f"`${{…}}` is not replaced in a script for {program}",
            text.place_of(at),
            hint=_ENV_HINT,
        )
    return Script(interpreter, text.text, {}, text.text)


def _parallel(compiler: "StepCompiler", given: Given) -> tuple[Parallel, dict[str, Known]]:
    branches = given.fields.get("branches")
    items = branches.items if isinstance(branches, ListNode) else ()
    if len(items) > MOST_BRANCHES and branches is not None:
        compiler.diagnostics.error(
            "too-many-branches",
            f"a parallel step has at most {MOST_BRANCHES:,} branches, not {len(items):,}",
            branches.place,
            hint="use a `foreach` with `max_parallel`",
        )
        items = items[:MOST_BRANCHES]
    nodes = [item for item in items if isinstance(item, MapNode)]
    keys = [compiler.name_of(node.get("name")) or str(at) for at, node in enumerate(nodes, 1)]
    inside = [_step_names(node.get("steps")) for node in nodes]
    compiled: list[Branch] = []
    children: dict[str, Known] = {}
    seen: dict[str, str] = {}
    for position, (key, node) in enumerate(zip(keys, nodes, strict=True)):
        name = None if key == str(position + 1) else key
        if name is not None:
            _check_branch_name(compiler, name, node, seen)
        others = {
            step: keys[other]
            for other, names in enumerate(inside)
            if other != position
            for step in names
            if step not in inside[position]
        }
        sequence = compiler.sequence(node.get("steps"), given.names, given.depth + 1, others)
        when = compiler.condition(node.get("when"), given.names)
        compiled.append(Branch(key, name, when, sequence.steps, node.place))
        if name is not None:
            children[name] = Known(key, name, node.place, "branch", sequence.known, None)
    action = Parallel(
        tuple(compiled),
        count_of(given.fields.get("max_parallel"), given.names, compiler.diagnostics),
        truth_of(given.fields.get("fail_fast"), default=True),
    )
    return action, children


def _step_names(node: Node | None) -> list[str]:
    items = node.items if isinstance(node, ListNode) else ()
    texts = (text_of(item.get("name")) for item in items if isinstance(item, MapNode))
    return [text for text in texts if text is not None]


def _check_branch_name(
    compiler: "StepCompiler", name: str, node: MapNode, seen: dict[str, str]
) -> None:
    other = seen.setdefault(name.replace("-", "_"), name)
    if other is not name:
        at = node.get("name")
        compiler.diagnostics.error(
            "name-collision",
            f"another branch is named `{other}` (`-` and `_` count as equal)",
            at.place if at is not None else node.place,
            hint="choose another name",
            length=len(name),
        )


def _conditional(compiler: "StepCompiler", given: Given) -> tuple[Conditional, dict[str, Known]]:
    condition = compiler.condition(given.fields.get("condition"), given.names)
    then = compiler.sequence(given.fields.get("then"), given.names, given.depth + 1)
    otherwise = compiler.sequence(given.fields.get("else"), given.names, given.depth + 1)
    action = Conditional(condition or _nothing(given), then.steps, otherwise.steps)
    return action, _joined(then.known, otherwise.known)


def _joined(then: Mapping[str, Known], otherwise: Mapping[str, Known]) -> dict[str, Known]:
    """The steps of both branches; one that stands in both is read in both."""
    children = {**otherwise, **then}
    for name in then.keys() & otherwise.keys():
        both = children[name] = Known(
            then[name].key, name, then[name].place, then[name].kind, then[name].children, None
        )
        then[name].reads = otherwise[name].reads = both.reads
    return children


def _foreach(compiler: "StepCompiler", given: Given) -> tuple[ForEach, dict[str, Known]]:
    fields, diagnostics = given.fields, compiler.diagnostics
    items = fields.get("items")
    compiled: Template = () if items is None else compile_template(items, given.names, diagnostics)
    variable_node = fields.get("as")
    variable = text_of(variable_node) or ""
    names = given.names
    if variable_node is not None and not _IDENTIFIER.fullmatch(variable):
        diagnostics.error(
            "bad-name",
            f"`{variable}` cannot be a variable",
            variable_node.place,
            hint="a variable is letters, digits and `_`, such as `as: region`",
            length=len(variable),
        )
    elif variable_node is not None:
        names = names.loop(variable, variable_node.place, _item_type(items))
    sequence = compiler.sequence(fields.get("steps"), names, given.depth + 1)
    action = ForEach(
        compiled,
        variable.replace("-", "_"),
        sequence.steps,
        count_of(fields.get("max_parallel"), given.names, diagnostics),
        truth_of(fields.get("fail_fast"), default=True),
        keep_results=False,
    )
    return action, dict(sequence.known)


def _transaction(compiler: "StepCompiler", given: Given) -> tuple[Transaction, dict[str, Known]]:
    sequence = compiler.sequence(given.fields.get("steps"), given.names, given.depth + 1)
    return Transaction(sequence.steps), dict(sequence.known)


def _item_type(items: Node | None) -> str:
    """The type that all literal items share."""
    values = (
        [item.value if isinstance(item, Scalar) else None for item in items.items]
        if (isinstance(items, ListNode))
        else [None]
    )
    if all(isinstance(value, str) and "${" not in value for value in values):
        return TEXT
    if any(isinstance(value, bool) or value is None for value in values):
        return ANY
    if all(isinstance(value, int) for value in values):
        return INTEGER
    return NUMBER if all(isinstance(value, (int, float)) for value in values) else ANY


def _assert(compiler: "StepCompiler", given: Given) -> Assert:
    condition = compiler.condition(given.fields.get("condition"), given.names)
    message = given.fields.get("message")
    text = (
        ""
        if message is None
        else compile_template(as_written(message), given.names, compiler.diagnostics)
    )
    return Assert(condition or _nothing(given), text)


def _set(compiler: "StepCompiler", given: Given) -> Set:
    """Each variable may use those before it."""
    node = given.fields.get("variables")
    variables: dict[str, Template] = {}
    for entry in node.entries if isinstance(node, MapNode) else ():
        name = entry.key.text
        variables[name] = compile_template(entry.value, given.names, compiler.diagnostics)
        if not _IDENTIFIER.fullmatch(name):
            compiler.diagnostics.error(
                "bad-name",
                f"`{name}` cannot be a variable",
                entry.key.place,
                hint="a variable is letters, digits and `_`",
                length=len(name),
            )
        given.frame.set_variables([name], entry.key.place)
    return Set(variables)


def _nothing(given: Given) -> Expression:
    """Stands for a condition that could not be compiled; the plan is refused anyway."""
    return Expression("false", "false", (), given.node.place)

"""Rewrites shell text so that a value never becomes code.

Each `${…}` is an expression of the playbook; its value reaches the shell in an environment variable
`ORCHESTRATE_V1`, `…V2`, …. What is put into the text is a use of that variable, quoted as its
surroundings require: `"${ORCHESTRATE_V1}"` where nothing is quoted, `${ORCHESTRATE_V1}` inside
double quotes and here-documents. Where no form keeps the value as it is (single quotes, quoted
here-documents, arithmetic) it is an error. `$${NAME…}` is the shell's own `${NAME…}`.
"""

from orchestrate.playbook.diagnostics import Diagnostics
from orchestrate.playbook.edits import NONE
from orchestrate.playbook.expression.holes import Hole
from orchestrate.playbook.expression.interpolation import Source, hole
from orchestrate.playbook.names import Names
from orchestrate.playbook.nodes import Scalar
from orchestrate.playbook.plan import Expression, SecretRef
from orchestrate.playbook.shell.reading import Context, ShellSyntaxError
from orchestrate.playbook.shell.requoting import double_quotes
from orchestrate.playbook.shell.scanning import ShellScanner

VARIABLE_PREFIX = "ORCHESTRATE_V"

_FORBIDDEN = {
    Context.SINGLE_QUOTED: (
        "single quotes keep the shell from putting in the value",
        'use double quotes here: `"… HOLE …"`; for the characters themselves write `$LITERAL`',
    ),
    Context.QUOTED_HEREDOC: (
        "the here-document's delimiter is quoted, so the shell puts in no value",
        "write `<<EOF` without quotes; for the characters themselves write `$LITERAL`",
    ),
    Context.ARITHMETIC: (
        "the shell's arithmetic would run the value as code",
        "calculate inside the braces instead: `${SOURCE + 1}`",
    ),
    Context.EXPANSION: (
        "a value inside the shell's own `${…}` could become a pattern or code",
        "put it into a variable first: `value=HOLE`, then use `$value`",
    ),
    Context.BACKQUOTES: (
        "backslashes inside backquotes change what quotes mean",
        "write `$(…)` instead of backquotes",
    ),
    Context.DELIMITER: (
        "the delimiter of a here-document cannot be a value",
        "write the delimiter literally: `<<EOF`",
    ),
    Context.ESCAPED: (
        "a backslash before `${…}`",
        "the value needs no backslash; for the characters themselves write `\\$LITERAL`",
    ),
}


class _Holes:
    """Decides what stands for each `${…}` in the text."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._by_value: dict[tuple[str, str], str] = {}
        self.variables: dict[str, Expression | SecretRef] = {}

    def replace(self, start: int, end: int, context: Context) -> str:
        """The text for the `${…}` from `start` to `end`."""
        text = self._source.scalar.text
        found = Hole(text[start + 2 : end - 1], start, end)
        forbidden = _FORBIDDEN.get(context)
        if forbidden is not None:
            message, hint = forbidden
            shown = text[start:end]
            filled = hint.replace("HOLE", shown).replace("LITERAL", shown)
            filled = filled.replace("SOURCE", found.source.strip())
            fix = NONE
            if context is Context.SINGLE_QUOTED:
                fix = double_quotes(self._source, start, end)
            place = self._source.scalar.place_of(start)
            self._source.diagnostics.error(
                "shell-quoting", message, place, hint=filled, length=end - start, fix=fix
            )
            return ""
        if found.source.strip().isdigit():
            self._positional(found)
            return ""
        value = hole(self._source, found, argument=True)
        if value is None:
            return ""
        use = f"${{{self._variable(value)}}}"
        return f'"{use}"' if context is Context.UNQUOTED else use

    def _positional(self, found: Hole) -> None:
        number = found.source.strip()
        self._source.error(
            "shell-quoting",
            f"`${{{number}}}` is the number {number}, not an argument of the shell",
            found.start,
            found.end - found.start,
            f"the shell's own is written `$${{{number}}}`",
        )

    def _variable(self, value: Expression | SecretRef) -> str:
        """The variable that holds `value`; the same value is passed once."""
        secret = isinstance(value, SecretRef)
        key = ("secret", value.name) if secret else ("expression", value.code)
        name = self._by_value.get(key)
        if name is None:
            name = f"{VARIABLE_PREFIX}{len(self.variables) + 1}"
            self._by_value[key] = name
            self.variables[name] = value
        return name


def rewrite(
    node: Scalar, names: Names, diagnostics: Diagnostics
) -> tuple[str, dict[str, Expression | SecretRef]]:
    """The rewritten text, and the value of each variable that it uses."""
    text = node.text
    source = Source(node, names, diagnostics)
    if not text.strip():
        source.error("shell-syntax", "the shell text is empty", 0, hint="write what to run")
        return text, {}
    holes = _Holes(source)
    try:
        rewritten = ShellScanner(text, holes.replace).rewrite()
    except ShellSyntaxError as error:
        source.error(error.rule, error.message, error.start, error.length, error.hint)
        return text, {}
    except RecursionError:
        hint = "put a part of it into a script of its own"
        source.error("shell-syntax", "the shell text is nested too deeply", 0, hint=hint)
        return text, {}
    return rewritten, holes.variables

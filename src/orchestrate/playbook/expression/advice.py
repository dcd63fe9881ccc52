"""What to do about a value of the wrong type: words and hints of the expression check."""

from orchestrate.playbook.expression.known import BOOLEAN, INTEGER, LIST, MAP, NULL, NUMBER, TEXT
from orchestrate.playbook.expression.signatures import NUMERIC
from orchestrate.playbook.expression.syntax import Binary, Literal, Tree

TYPE_WORDS = {
    TEXT: "text",
    INTEGER: "a number",
    NUMBER: "a number",
    BOOLEAN: "true or false",
    LIST: "a list",
    MAP: "a map",
    NULL: "null",
}
EXAMPLES = {
    "default": "for example `value | default('none')`",
    "replace": "for example `value | replace('a', 'b')`",
    "select": "for example `list | select('even')`",
    "selectattr": "for example `list | selectattr('ok', 'true')`",
}


def boolean_hint(tree: Tree, kind: str) -> str:
    """How to make a value of type `kind` true or false."""
    if isinstance(tree, Literal) and kind == TEXT:
        return 'a comparison repeats the name: `x == "a" or x == "b"`, or `x in ["a", "b"]`'
    if kind == TEXT:
        return 'compare it: `x == "yes"`; or `x | bool` for "true" and "false"'
    if kind == MAP:
        return "name what is meant, such as `step.success`"
    if kind == LIST:
        return "compare it: `x | length > 0`"
    return "compare it: `x > 0`"


def comparison_hint(tree: Binary, left: str, right: str) -> str:
    """How to make both sides the same type."""
    for side, kind, other in ((tree.right, right, left), (tree.left, left, right)):
        if isinstance(side, Literal):
            if kind == TEXT and other in NUMERIC:
                return f"write {side.value} without quotes"
            if kind == TEXT and other == BOOLEAN:
                return "it is true or false already: leave the comparison out"
            if kind in NUMERIC and other == TEXT:
                return f'write "{side.value}" in quotes, or turn the text into a number: `| int`'
    return "turn one of them into the other's type: `| int`, `| float`, `| string`, `| bool`"

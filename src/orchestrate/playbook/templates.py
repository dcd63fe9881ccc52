"""Templates: YAML values with `${…}` in them. Compiled once (with the checks), rendered often.

Rendering is what every run does, so this module imports little; the compiling functions load the
checker when they are first called.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from orchestrate.playbook.plan import Expression, Json, SecretRef, Template, Text

if TYPE_CHECKING:
    from orchestrate.playbook.diagnostics import Diagnostics
    from orchestrate.playbook.names import Names
    from orchestrate.playbook.nodes import Node, Scalar


def compile_template(node: "Node", names: "Names", diagnostics: "Diagnostics") -> Template:
    """A YAML value with its `${…}` checked and compiled."""
    raise RuntimeError


def compile_expression(
    node: "Scalar", names: "Names", diagnostics: "Diagnostics"
) -> "Expression | bool | int | float | str | None":
    """The value of a key such as `timeout`: a whole `${…}`, or the literal as it stands."""
    raise RuntimeError


def compile_condition(
    node: "Scalar", names: "Names", diagnostics: "Diagnostics"
) -> Expression | None:
    """A condition: one expression in which each `${x}` stands for the value. None after an error."""
    raise RuntimeError


def compile_words(
    node: "Scalar", names: "Names", diagnostics: "Diagnostics"
) -> tuple[str | Expression | SecretRef | Text, ...]:
    """`command:` split into words, a `${…}` inside a word left whole."""
    raise RuntimeError


def compile_shell(
    node: "Scalar", names: "Names", diagnostics: "Diagnostics"
) -> tuple[str, dict[str, Expression | SecretRef]]:
    """Shell text in which each `${…}` became a shell variable, and what these variables hold."""
    raise RuntimeError


def render(template: Template, lookup: Callable[[str], Json]) -> Json:
    """The template's value; there is no secret inside."""
    raise RuntimeError


def render_argument(
    template: Template, lookup: Callable[[str], Json]
) -> str | tuple[str | SecretRef, ...]:
    """The template as text for an argument or an environment variable."""
    raise RuntimeError

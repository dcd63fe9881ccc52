"""What a rule is about, and how it is switched off."""

import textwrap

from orchestrate.cli.console import out
from orchestrate.cli.style import style_of
from orchestrate.errors import NotFoundError
from orchestrate.playbook.diagnostics import nearest
from orchestrate.playbook.linting.rules import RULES

_WIDTH = 88


def explain(name: str) -> None:
    """Write it. Raises NotFoundError for a name that is no rule."""
    rule = RULES.get(name)
    if rule is None:
        near = nearest(name, RULES)
        hint = f"Did you mean {near}?" if near else f"Rules: {', '.join(RULES)}."
        raise NotFoundError(f"there is no rule {name}", hint=hint)
    style = style_of(out)
    out.line(f"{style.strong(rule.name)} ({rule.severity}): {rule.summary}")
    out.line()
    out.line(textwrap.fill(rule.explanation, _WIDTH, break_on_hyphens=False))
    out.line()
    out.line("Switch it off for one place with a comment on its line or the line before:")
    out.line(f"    # orchestrate: ignore {rule.name}")
    out.line("for a whole file with that comment at its head, for the project in orchestrate.toml:")
    out.line(f'    [lint]\n    ignore = ["{rule.name}"]')

"""What a rule is about, and how it is switched off."""

import textwrap

from orchestrate.cli.console import out
from orchestrate.cli.style import style_of
from orchestrate.errors import NotFoundError
from orchestrate.library.failing import BROKEN_BY
from orchestrate.library.failing import RULE as PREFIX
from orchestrate.playbook.diagnostics import nearest
from orchestrate.playbook.linting.rules import RULES

_WIDTH = 88


def explain(name: str) -> None:
    """Write it. Raises NotFoundError for a name that is no rule."""
    rule = RULES.get(name)
    if rule is None:
        _explain_requirement(name)
        return
    style = style_of(out)
    out.line(f"{style.strong(rule.name)} ({rule.severity}): {rule.summary}")
    out.line()
    out.line(textwrap.fill(rule.explanation, _WIDTH, break_on_hyphens=False))
    out.line()
    out.line("Switch it off for one place with a comment on its line or the line before:")
    out.line(f"    # orchestrate: ignore {rule.name}")
    out.line("for a whole file with that comment at its head, for the project in orchestrate.toml:")
    out.line(f'    [lint]\n    ignore = ["{rule.name}"]')


def _explain_requirement(name: str) -> None:
    """A rule that holds only where it is asked for."""
    rule = name.removeprefix(PREFIX)
    broken_by = BROKEN_BY.get(rule)
    if broken_by is None:
        known = [*RULES, *(f"{PREFIX}{each}" for each in BROKEN_BY)]
        near = nearest(name, known)
        hint = f"Did you mean {near}?" if near else f"Rules: {', '.join(known)}."
        raise NotFoundError(f"there is no rule {name}", hint=hint)
    style = style_of(out)
    out.line(f"{style.strong(PREFIX + rule)} (error): a rule for failures is broken")
    out.line()
    out.line(textwrap.fill(f"Broken by {broken_by}.", _WIDTH, break_on_hyphens=False))
    out.line()
    out.line(
        "It holds where it is asked for: by an option, or in orchestrate.toml and environments:"
    )
    out.line(f"    orchestrate validate --playbook NAME --simulate --failures --require {rule}")
    out.line(f'    [rehearsal]\n    require = ["{rule}"]')

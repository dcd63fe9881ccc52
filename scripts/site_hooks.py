"""What the site needs that GitHub does by itself (see mkdocs.yml)."""

import re
from typing import Any

_FENCE = re.compile(r"^(\s*```\w+) .*$", re.MULTILINE)
"""A block that says more than its language; the rest is for the tests of the documents."""


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Leave of each fence the language alone."""
    return _FENCE.sub(r"\1", markdown)

"""Issues and comments in Jira's wiki notation, which Cloud and Data Center both take."""

import hashlib
import re

from orchestrate.integrations import wording
from orchestrate.integrations.message import Notice

SUMMARY = 255
"""Characters of an issue's summary."""
TEXT = 30_000
"""Characters of a description or comment; Jira takes 32,767."""
LABEL = 255
_OUTPUT = 20_000
_MARKUP = re.compile(r"([\\{}\[\]*_!|~^+?#])")


def summary(notice: Notice) -> str:
    """What happened where, and in which step."""
    path = notice.failed.path if notice.failed is not None else ""
    said = f"{wording.headline(notice)}: {path}" if path else wording.headline(notice)
    return wording.shortened(" ".join(said.split()), SUMMARY)


def description(notice: Notice) -> str:
    """An issue about a failure."""
    return _text([f"*{_plain(wording.headline(notice))}*", *_body(notice)], notice)


def again(notice: Notice, failures: int) -> str:
    """A comment: it failed once more. `failures`: how often by now, as far as is known."""
    counted = f" (failure {failures})" if failures > 1 else ""
    return _text(
        [f"*It happened again{counted}: {_plain(wording.headline(notice))}*", *_body(notice)],
        notice,
    )


def passed(notice: Notice) -> str:
    """A comment: it works again."""
    return _text([f"*{_plain(notice.playbook)} works again*", _facts(notice)], notice)


def reference(notice: Notice) -> str:
    """A word that stands in the text and in no other: by it a text is found that was written
    already. Without a character that Jira might write in another way.
    """
    return f"ref-{_digest(notice.key, 16)}"


def label(notice: Notice) -> str:
    """The label of all issues about one playbook in one environment: readable, and unmistakable."""
    key = notice.dedup_key
    words = re.sub(r"[^a-z0-9]+", "-", key.lower()).strip("-")[:100]
    return f"orchestrate-{words}-{_digest(key, 8)}"


def as_label(said: str) -> str:
    """A label as Jira takes it: without blanks."""
    return re.sub(r"\s+", "-", said.strip())[:LABEL]


def quoted(value: str) -> str:
    """A text in a query (JQL)."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _body(notice: Notice) -> list[str]:
    parts = [_facts(notice)]
    if notice.failed is not None:
        parts.append(f"*Failed step:* {_plain(wording.failing(notice.failed))}")
    if wording.why(notice):
        parts.append(_plain(wording.shortened(wording.why(notice), 2000)))
    output = wording.output(notice)
    if output:
        parts.append(f"Its last lines:\n{_verbatim(wording.last_lines(output, _OUTPUT))}")
    typed = "\n".join(f"# {each.purpose}\n{each.line}" for each in wording.commands(notice))
    if typed:
        parts.append(f"What to type next:\n{_verbatim(typed)}")
    return parts


def _facts(notice: Notice) -> str:
    rows: list[str] = []
    for name, value in wording.facts(notice):
        shown = _plain(value)
        if name == "Workflow" and notice.link is not None:
            shown = f"[{shown}|{notice.link.replace('|', '%7C').replace(']', '%5D')}]"
        rows.append(f"||{name}|{shown}|")
    return "\n".join(rows)


def _text(parts: list[str], notice: Notice) -> str:
    end = f"\n\nReported by orchestrate, {reference(notice)}"
    return wording.shortened("\n\n".join(parts), TEXT - len(end)) + end


def _plain(said: str) -> str:
    """Text on one line in which nothing is markup."""
    return _MARKUP.sub(r"\\\1", " ".join(said.split()))


def _verbatim(said: str) -> str:
    # Nothing is escaped within such a block, so its end must not come up in it.
    inner = said.replace("{noformat", "{ noformat")
    return f"{{noformat}}\n{inner}\n{{noformat}}"


def _digest(said: str, size: int) -> str:
    return hashlib.sha256(said.encode()).hexdigest()[:size]

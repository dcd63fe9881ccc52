"""Notices as Slack shows them: blocks, and a plain text for notifications and screen readers.

Everything that is not ours is escaped: a step that prints `<!channel>` wakes nobody. The limits of
blocks are Slack's; what is longer is cut where that hurts least.
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from orchestrate.integrations import wording
from orchestrate.integrations.message import Notice
from orchestrate.playbook.plan import Json

Block: TypeAlias = Mapping[str, Json]
SECTION = 3000
"""Characters of the text of a section."""
FIELD = 2000
FIELDS = 10
FALLBACK = 3000
"""Characters of the plain text. Slack takes 40,000, and advises against more than 4,000."""
_MARKS = {
    "start": ":arrow_forward:",
    "success": ":white_check_mark:",
    "failure": ":x:",
    "pause": ":double_vertical_bar:",
    "approval": ":raised_hand:",
    "recovery": ":white_check_mark:",
}
_STATE_MARKS = {"cancelled": ":no_entry_sign:", "needs_attention": ":warning:"}
_URGENT = ("failure", "approval")
"""Kinds that people are told of by name, and in the channel besides the thread."""


def text(notice: Notice) -> str:
    """What notifications show."""
    said = [wording.headline(notice), wording.plain(notice)]
    return _escaped("\n".join(said), FALLBACK)


def blocks(notice: Notice, mentions: Sequence[str] = ()) -> list[Block]:
    """The message."""
    made = [_section(_headline(notice, mentions)), _facts(notice)]
    made += [_section(part) for part in _particulars(notice)]
    output = wording.output(notice)
    if output:
        made.append(_section(_verbatim(output)))
    if wording.commands(notice):
        lines = [f"{each.purpose}: `{_code(each.line)}`" for each in wording.commands(notice)]
        made.append(_section("\n".join(f"To {line}" for line in lines)))
    return [*made, _context(notice)]


def summary(notice: Notice) -> list[Block]:
    """The first message of a thread, brought up to date: the state; the thread tells the rest."""
    return [_section(_headline(notice, ())), _facts(notice), _context(notice)]


def is_urgent(notice: Notice) -> bool:
    """Whether somebody should look at it."""
    if notice.state == "needs_attention":
        return True
    return notice.kind in _URGENT and notice.state != "cancelled"


def escaped(said: str) -> str:
    """Text in which nothing is a link, a mention or an entity."""
    return said.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _headline(notice: Notice, mentions: Sequence[str]) -> str:
    mark = _STATE_MARKS.get(notice.state, _MARKS[notice.kind])
    named = f"{' '.join(mentions)} " if is_urgent(notice) and mentions else ""
    return f"{mark} {named}*{_bold(wording.headline(notice))}*"


def _facts(notice: Notice) -> Block:
    fields: list[Json] = []
    for name, value in wording.facts(notice)[:FIELDS]:
        shown = _linked(notice) if name == "Workflow" else _escaped(value, FIELD - 50)
        fields.append(_mrkdwn(f"*{name}*\n{shown}", FIELD))
    return {"type": "section", "fields": fields}


def _linked(notice: Notice) -> str:
    if notice.link is None:
        return escaped(notice.workflow)
    # In a link `|` and `>` end the address; both have another way to be written there.
    address = escaped(notice.link.replace("|", "%7C").replace(" ", "%20"))
    return f"<{address}|{escaped(notice.workflow)}>"


def _particulars(notice: Notice) -> list[str]:
    parts: list[str] = []
    if notice.kind == "failure" and notice.failed is not None:
        parts.append(f"*Failed step* `{_code(wording.failing(notice.failed))}`")
    if notice.kind == "approval" and notice.approval is not None:
        parts.append(f"*{_bold(wording.shortened(notice.approval.message, 1500))}*")
        parts.append(f"Who may answer: {_escaped(wording.answerers(notice), 1000)}")
    if wording.why(notice):
        parts.append(_escaped(wording.why(notice), 1500))
    return ["\n".join(parts)] if parts else []


def _context(notice: Notice) -> Block:
    labels = [notice.category, *notice.labels]
    said = " · ".join(each for each in ("orchestrate", notice.project, *labels) if each)
    return {"type": "context", "elements": [_mrkdwn(_escaped(said, FIELD), FIELD)]}


def _verbatim(output: str) -> str:
    """The end of the output as a block of code that nothing in it can end."""
    limit = SECTION - 20
    shown = _unfenced(escaped(output))
    size = limit
    while len(shown) > limit:
        # What is escaped is longer, so it is measured as it will be sent.
        size = size * 9 // 10
        shown = _unfenced(escaped(wording.last_lines(output, size)))
    return f"```\n{shown}\n```"


def _unfenced(said: str) -> str:
    return said.replace("```", "'''")


def _code(said: str) -> str:
    return _escaped(said.replace("`", "'").replace("\n", " "), 1000)


def _bold(said: str) -> str:
    # An asterisk ends bold text, and there is no way to write one inside.
    return _escaped(said.replace("*", "∗").replace("\n", " "), 1500)  # noqa: RUF001


def _escaped(said: str, limit: int) -> str:
    """Escaped, and no longer than `limit` after that."""
    shown, size = escaped(said), limit
    while len(shown) > limit:
        size = size * 9 // 10
        shown = escaped(wording.shortened(said, size))
    return shown


def _section(said: str) -> Block:
    return {"type": "section", "text": _mrkdwn(said, SECTION)}


def _mrkdwn(said: str, limit: int) -> Block:
    return {"type": "mrkdwn", "text": said[:limit]}

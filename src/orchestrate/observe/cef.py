"""Entries of an audit in the Common Event Format of security tools, version 0.

`CEF:0|vendor|product|version|event class|name|severity|extension`. Bars and backslashes are escaped
in the header; equals signs, backslashes and line ends in the extension.
"""

import json

from orchestrate import __version__
from orchestrate.playbook.plan import Json
from orchestrate.workflow.audit import Entry

_SEVERITIES = {
    "lock_broken": 8, "completion_requested": 7, "forced": 7, "resolved": 6, "hold_begun": 6,
    "hold_ended": 6, "schedule_removed": 6, "state_restored": 8, "actions_removed": 6,
    "workflow_pruned": 4, "cancel_requested": 5, "approval_given": 5, "approval_rejected": 5,
    "approval_refused": 7, "resumed": 4, "pause_requested": 4,
}  # fmt: skip
_LOW = 3
_LONGEST = 1023
"""Bytes that the format allows for a custom text."""


def cef_line(entry: Entry) -> str:
    """One line, without its end."""
    severity = _SEVERITIES.get(entry.action, _LOW)
    failed = entry.details.get("status") in ("failed", "timed_out", "unknown")
    if failed or entry.details.get("state") == "failed":
        severity = max(severity, 5)
    name = entry.action.replace("_", " ")
    header = ["CEF:0", "orchestrate", "orchestrate", __version__, entry.action, name, str(severity)]
    return "|".join([*map(_header, header), _extension(entry)])


def _extension(entry: Entry) -> str:
    origin = entry.origin
    fields: dict[str, Json] = {
        "rt": round(entry.at * 1000),
        "suser": entry.actor,
        "shost": origin.get("host"),
        "spid": origin.get("pid"),
        "externalId": f"{entry.workflow if entry.chain == 'journal' else 'actions'}/{entry.number}",
        "reason": entry.reason,
    }
    address = origin.get("ssh") or origin.get("address")
    if isinstance(address, str) and ":" in address:
        fields["c6a2Label"], fields["c6a2"] = "Source IPv6 Address", address
    elif isinstance(address, str):
        fields["src"] = address
    texts: dict[str, Json] = {
        "workflow": entry.workflow,
        "subject": entry.subject,
        "before": entry.before or None,
        "after": entry.after or None,
        "digest": entry.hash,
        "from": {k: v for k, v in origin.items() if k not in ("host", "pid")} or None,
    }
    for number, (label, value) in enumerate(texts.items(), 1):
        if value:
            fields[f"cs{number}Label"], fields[f"cs{number}"] = label, value
    if entry.details:
        fields["msg"] = entry.details
    return " ".join(f"{key}={_value(value)}" for key, value in fields.items() if value)


def _header(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")


def _value(value: Json) -> str:
    text = (
        value
        if isinstance(value, str)
        else json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    )
    cut = text.encode(errors="replace")[:_LONGEST].decode(errors="ignore")
    escaped = cut.replace("\\", "\\\\").replace("=", "\\=")
    return escaped.replace("\r", "\\r").replace("\n", "\\n")

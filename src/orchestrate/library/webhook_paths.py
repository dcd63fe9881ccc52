"""One path belongs to one webhook: of two playbooks that want it, the daemon serves one."""

from collections.abc import Sequence

from orchestrate.errors import Place
from orchestrate.library.checking import Report
from orchestrate.playbook.diagnostics import Diagnostic
from orchestrate.playbook.triggers import WebhookTrigger


def with_shared_paths(reports: Sequence[Report]) -> list[Report]:
    """The reports, with an error at each webhook whose path another one has already."""
    owners: dict[str, Place] = {}
    return [_checked(report, owners) for report in reports]


def _checked(report: Report, owners: dict[str, Place]) -> Report:
    found: list[Diagnostic] = []
    for trigger in report.plan.triggers if report.plan is not None else ():
        if not isinstance(trigger, WebhookTrigger) or not trigger.enabled:
            continue
        owner = owners.setdefault(trigger.path, trigger.place)
        if owner is not trigger.place:
            message = f"the webhook at {owner} has the path {trigger.path} already"
            hint = "give one of them another `url`, or `enabled: false`: only one would be served"
            found.append(
                Diagnostic("webhook-path-taken", "error", message, trigger.place, hint=hint)
            )
    if not found:
        return report
    both = sorted((*report.findings, *found), key=lambda each: (each.place, each.severity))
    return report._replace(findings=tuple(both))

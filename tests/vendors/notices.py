"""Notices as the journal of a workflow would give them."""

import time
from typing import Any

from orchestrate.integrations.message import ApprovalAsked, FailedStep, Metrics, Notice, StepTime

METRICS = Metrics(
    {"succeeded": 4, "failed": 1, "skipped": 2},
    attempts=8,
    retries=3,
    lock_wait=1.5,
    slowest=(
        StepTime("deploy/backend", "deployment", "failed", 92.4),
        StepTime("backup-current", "backup", "succeeded", 31.0),
    ),
)
STEP = FailedStep(
    "deploy/backend",
    4,
    2,
    "`/infra deploy --component backend` ended with exit code 2",
    "pulling image 1.4.2\nerror: <registry> & mirror are gone\ngiving up\n",
)
QUESTION = ApprovalAsked(
    "approve-release",
    "Release 1.4.2 to production?",
    ("anna", "group:sre"),
    None,
    "orchestrate approve --workflow WF-2026-017",
)


def notice(kind: str = "failure", **changes: Any) -> Notice:
    """A notice of `deploy-web-app` in production, of now."""
    now = time.time()
    over = kind in ("success", "failure", "recovery")
    states = {"success": "succeeded", "recovery": "succeeded", "failure": "failed",
              "pause": "paused", "approval": "waiting", "start": "running"}  # fmt: skip
    sequence = {"start": 1, "pause": 5, "approval": 9, "failure": 17}.get(kind, 30)
    made = Notice(
        kind=kind,
        key=f"{changes.get('workflow', 'WF-2026-017')}/{sequence}/slack",
        sequence=sequence,
        at=now,
        integration="slack",
        project="shop",
        workflow="WF-2026-017",
        playbook="deploy-web-app",
        version="1.4.0",
        category="deployment",
        labels=("web",),
        environment="production",
        actor="anna",
        state=states[kind],
        started_at=now - 143,
        finished_at=now if over else None,
        duration=143.0,
        reason="",
        failed=STEP if kind == "failure" else None,
        approval=QUESTION if kind == "approval" else None,
        parameters={"version": "1.4.2", "database_password": "***"},
        link="https://ops.example.com/workflows/WF-2026-017",
        dedup_key="shop/deploy-web-app/production",
        recovered=kind == "recovery",
        metrics=METRICS,
    )
    return made._replace(**changes)

"""The approvals in a view of a workflow: what was asked, who answered, until when there is time."""

from orchestrate.playbook.plan import Json
from orchestrate.workflow.approvals import (
    Given,
    Request,
    given_of,
    is_enough,
    request_of,
    what_happened,
)
from orchestrate.workflow.events import Event
from orchestrate.workflow.history import APPROVAL, Forgetting
from orchestrate.workflow.moments import rfc3339


class ApprovalView:
    """An approval: what was asked, who answered what, and whether it still waits."""

    __slots__ = ("asked_at", "deadline", "given", "left", "open", "path", "request")

    def __init__(self, path: str, request: Request, asked_at: float) -> None:
        self.path = path
        self.request = request
        self.asked_at = asked_at
        self.open = True
        self.given: list[Given] = []
        self.deadline: float | None = None
        """When its time is over, unless a pause comes; None if it has no end or stands still."""
        self.left: float | None = None
        """Seconds that are left when a pause is over."""

    @property
    def happened(self) -> str:
        """What has become of it, if it waits no more."""
        if self.open:
            return ""
        if self.given and is_enough(self.request, self.given):
            return what_happened(self.given[-1])
        return "its time was over, or it was cancelled"

    def pause(self, at: float) -> None:
        """Its time stands still."""
        if self.deadline is not None:
            self.left, self.deadline = max(0.0, self.deadline - at), None

    def unpause(self, at: float) -> None:
        """Its time goes on."""
        if self.left is not None:
            self.deadline, self.left = at + self.left, None

    def to_json(self) -> dict[str, Json]:
        """As in `status --json`."""
        request = self.request.to_data()
        return {
            "path": self.path,
            "waits": self.open,
            **request,
            "approvers": request.get("approvers"),
            "asked_at": rfc3339(self.asked_at),
            "deadline": rfc3339(self.deadline) if self.open else None,
            "answers": [
                {
                    "actor": one.actor,
                    "at": rfc3339(one.at),
                    "answer": "rejected" if one.rejected else "approved",
                    "reason" if one.rejected else "comment": one.reason,
                }
                for one in self.given
            ],
        }


class ApprovalViews(dict[str, ApprovalView]):
    """By path, those that wait no more too."""

    @property
    def awaited(self) -> list[ApprovalView]:
        """Those that wait."""
        return [approval for approval in self.values() if approval.open]

    def waits(self, path: str) -> bool:
        """Whether people are asked about that path."""
        return path in self and self[path].open

    def request(self, event: Event) -> None:
        """People are asked."""
        self[event.path] = ApprovalView(event.path, request_of(event.data), event.at)

    def answer(self, event: Event) -> bool:
        """Somebody approved or rejected; whether that decides it."""
        approval = self.get(event.path)
        if approval is None:
            return False
        approval.given.append(given_of(event))
        if is_enough(approval.request, approval.given):
            approval.open = False
        return not approval.open

    def set_time(self, event: Event) -> None:
        """A timer was set: if it is one of ours, people have so much time."""
        approval, after = self.get(event.path), event.data.get("after")
        ours = event.data["subject"] == APPROVAL
        if approval is not None and ours and isinstance(after, int | float):
            held = bool(event.data.get("held"))
            approval.deadline = None if held else event.at + after
            approval.left = float(after) if held else None

    def close(self, path: str) -> None:
        """Nobody is asked about that path any more."""
        if path in self:
            self[path].open = False

    def close_all(self) -> None:
        """Nobody is asked any more."""
        for approval in self.values():
            approval.open = False

    def pause(self, at: float) -> None:
        """Their time stands still."""
        for approval in self.values():
            approval.pause(at)

    def unpause(self, at: float) -> None:
        """Their time goes on."""
        for approval in self.values():
            approval.unpause(at)

    def forget(self, forgetting: Forgetting) -> None:
        """What was recorded for some steps no longer counts."""
        kept = {forgetting.moved(p): view for p, view in self.items() if not forgetting.covers(p)}
        for path, view in kept.items():
            view.path = path
        self.clear()
        self.update(kept)

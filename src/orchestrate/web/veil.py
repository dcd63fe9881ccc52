"""What somebody is told of workflows that are beyond their rights: that there are some, no more."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from orchestrate.access.rights import Rights
from orchestrate.errors import NotFoundError
from orchestrate.workflow.engine import Engine

_IDS = re.compile(r"\bWF-[0-9]{4}-[0-9]{3,12}\b")
_UNNAMED = "another workflow"
_TEXTS = ("reason", "message")
_BLOCKERS = ("waits_for", "blockers")
_UNTOLD = ("workflow", "step", "since")
Object = dict[str, Any]


class Veil:
    """For one answer to one caller, while an engine looks."""

    def __init__(self, rights: Rights, engine: Engine) -> None:
        self._rights = rights
        self._engine = engine
        self._seen: dict[str, bool] = {}

    def over(self, found: Mapping[str, Any]) -> Object:
        """A workflow, a step, or the data of an event: who has what it waits for stays unnamed
        (`workflow`, `step` and `since` are null), and so in what it says of itself.
        """
        told = dict(found)
        if not self._rights.is_limited:
            return told
        for key in _BLOCKERS:
            if isinstance(told.get(key), list | tuple):
                listed = cast("Sequence[Mapping[str, Any]]", told[key])
                told[key] = [self._blocker(one) for one in listed]
        for key in _TEXTS:
            if isinstance(text := told.get(key), str):
                told[key] = _IDS.sub(self._name, text)
        return told

    def over_event(self, event: Mapping[str, Any]) -> Object:
        """One line of a journal."""
        return {**event, "data": self.over(event["data"])}

    def _blocker(self, one: Mapping[str, Any]) -> Mapping[str, Any]:
        workflow = one.get("workflow")
        if workflow is None or self._reaches(str(workflow)):
            return one
        return {**one, **dict.fromkeys(_UNTOLD)}

    def _name(self, found: re.Match[str]) -> str:
        return found.group() if self._reaches(found.group()) else _UNNAMED

    def _reaches(self, workflow: str) -> bool:
        if workflow not in self._seen:
            try:
                summary = self._engine.get(workflow)
            except NotFoundError:
                self._seen[workflow] = False
            else:
                reach = self._rights.reach
                self._seen[workflow] = reach(summary.environment, summary.playbook)
        return self._seen[workflow]

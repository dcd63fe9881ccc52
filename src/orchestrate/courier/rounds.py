"""Deliveries of a cluster, made by a worker. Implements `cluster.serving.carrying.Carrier`."""

import random
import time
from collections.abc import Mapping
from functools import partial
from typing import Any

from orchestrate.app import App
from orchestrate.cluster.connection import Connection
from orchestrate.cluster.engine import ClusterEngine
from orchestrate.cluster.looking.reading import Found, Reader
from orchestrate.cluster.serving.deliveries import ClusterDeliveries
from orchestrate.courier.attempts import Delivering, integration_of
from orchestrate.courier.outcomes import LONGEST_ERROR, Done, Later, Never, Outcome
from orchestrate.errors import NotFoundError, OrchestrateError
from orchestrate.integrations.backoff import is_given_up, next_attempt
from orchestrate.integrations.noticing import Surroundings, Told, build_notice
from orchestrate.integrations.service import Limits, Memory
from orchestrate.launching.deliveries import DELIVERED, WAITING, Delivery, Remembered
from orchestrate.workflow.creating import program_of
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.program import Program


class Rounds:
    """Makes the attempts of one project's deliveries, over an engine's connection."""

    def __init__(self, app: App, engine: ClusterEngine) -> None:
        self._app = app
        self._engine = engine
        self._connection: Connection = engine.connection

    def begin(self) -> None:
        """See the port. It is not needed: what waits is tried later anyway."""
        try:
            ClusterDeliveries(self._engine).release(self._app.env)
        except OrchestrateError as error:
            self._app.complain(f"deliveries: {error.message}")

    def deliver(
        self, delivery: Delivery, project: str, memories: Mapping[str, dict[str, Any]]
    ) -> dict[str, Any]:
        """See the port."""
        try:
            outcome = self._attempt(delivery, project, memories)
        except NotFoundError:
            outcome = Never(f"the cluster does not know {delivery.workflow} any more")
        except OrchestrateError as error:
            outcome = Later(f"{error.message}. {error.hint}")
        except Exception as error:  # the next attempt may fare better, perhaps elsewhere
            outcome = Later(f"{type(error).__name__}: {error}")
        patience = self._app.project.settings.integrations.give_up_after
        return _told(outcome, delivery, patience, time.time())

    def _attempt(
        self, delivery: Delivery, project: str, memories: Mapping[str, dict[str, Any]]
    ) -> Outcome:
        reader = Reader(self._connection.client)  # one that keeps nothing of what it has read
        found = self._connection.wait(reader.find(delivery.workflow))
        plan = self._connection.wait(reader.plan(found))
        events = self._connection.wait(_story(reader, found, delivery.seq))
        settings = self._app.project.settings.integrations
        integration = integration_of(plan, self._app.project, delivery.integration)
        if integration is None:
            return Never(f"the playbook has no integration `{delivery.integration}` any more")
        notice = build_notice(
            Told(
                delivery.workflow, delivery.seq, delivery.kind, delivery.integration,
                delivery.recovered,
            ),
            plan,
            events,
            Surroundings(project, settings.link, partial(_end_of_output, events)),
        )  # fmt: skip
        program: Program = program_of(delivery.workflow, plan, events[0])
        program = program._replace(parameters=found.summary.parameters)

        def memory(scope: str) -> Memory:
            return memories.get(scope, {})

        return Delivering(notice, integration, program, self._app, memory, Limits()).attempt()


async def _story(reader: Reader, found: Found, until: int) -> list[Event]:
    """The events of a workflow up to that one."""
    events: list[Event] = []
    while True:
        page = await reader.page(found, len(events))
        events += page.events
        if not page.more or len(events) >= until:
            return events[:until]


def _end_of_output(events: list[Event], workflow: str, attempt: int) -> bytes:
    """Its end comes with the outcome of what did not succeed."""
    del workflow
    for event in reversed(events):
        if event.type is EventType.ATTEMPT_FINISHED and event.data["id"] == attempt:
            return str(event.data.get("excerpt", "")).encode(errors="replace")
    return b""


def _told(outcome: Outcome, delivery: Delivery, patience: float, now: float) -> dict[str, Any]:
    match outcome:
        case Done(remember):
            return _settled(DELIVERED, "", remember)
        case Later(why, after, remember, held):
            if is_given_up(now, delivery.since, patience):
                return _settled("given_up", why, remember)
            at = next_attempt(now, delivery.attempts + 1, after, random.random())
            return {**_settled(WAITING, why, remember), "wait": at - now, "held": held}
        case _:
            return _settled("refused", outcome.why, None)


def _settled(state: str, why: str, remember: Remembered | None) -> dict[str, Any]:
    return {
        "state": state,
        "error": why[:LONGEST_ERROR],
        "wait": 0.0,
        "held": (),
        "remember": None if remember is None else [remember.scope, dict(remember.body)],
    }

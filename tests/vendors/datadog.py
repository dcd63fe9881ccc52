"""Datadog's intake: series (v2), distribution points and events (v1).

Every body is read with the models of datadog-api-client, which are generated from Datadog's
published OpenAPI description; what does not fit is refused, as by the service. Beyond it the
documented limits are kept: the size of a request, and the ages of points and events.
"""

import time
from typing import Any

from datadog_api_client.configuration import Configuration
from datadog_api_client.exceptions import OpenApiException
from datadog_api_client.model_utils import (
    ModelNormal,
    OpenApiModel,
    validate_and_convert_types,
)
from datadog_api_client.v1.model.distribution_points_payload import DistributionPointsPayload
from datadog_api_client.v1.model.event_create_request import EventCreateRequest
from datadog_api_client.v2.model.metric_payload import MetricPayload
from vendors.serving import Reply, Request, Vendor

SIZE = 512_000
HOUR = 3600


class Datadog(Vendor):
    """What it took in: `series`, `distributions`, `events`."""

    def __init__(self) -> None:
        super().__init__()
        self.key = "dd-test-key"
        self.series: list[dict[str, Any]] = []
        self.distributions: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []

    def answer(self, request: Request) -> Reply:
        if request.headers.get("dd-api-key") != self.key:
            return Reply(403, {"errors": ["Forbidden"]})
        if len(request.body) > SIZE:
            return Reply(413, {"errors": ["Payload too large"]})
        match (request.method, request.path):
            case ("POST", "/api/v2/series"):
                return self._take(request, MetricPayload, self._metrics)
            case ("POST", "/api/v1/distribution_points"):
                return self._take(request, DistributionPointsPayload, self._points)
            case ("POST", "/api/v1/events"):
                return self._take(request, EventCreateRequest, self._event)
            case _:
                return Reply(404, {"errors": ["Not found"]})

    def _take(self, request: Request, model: type, then: Any) -> Reply:
        data = request.data
        try:
            read = validate_and_convert_types(
                data, (model,), ["body"], True, True, Configuration(discard_unknown_keys=False)
            )
        except (OpenApiException, TypeError, ValueError) as error:
            return Reply(400, {"errors": [str(error)]})
        if not _fits(read):
            return Reply(400, {"errors": ["Payload is not in the expected format"]})
        return then(data)

    def _metrics(self, data: Any) -> Reply:
        # What is not current is taken without a word, and dropped.
        self.series += [
            each
            for each in data["series"]
            if all(_current(point["timestamp"]) for point in each["points"])
        ]
        return Reply(202, {"errors": []})

    def _points(self, data: Any) -> Reply:
        # The description cannot say it: a pair is a moment and a list.
        pairs = [point for each in data["series"] for point in each["points"]]
        if any(len(pair) != 2 or not isinstance(pair[1], list) for pair in pairs):
            return Reply(400, {"errors": ["Payload is not in the expected format"]})
        self.distributions += [
            each for each in data["series"] if all(_current(point[0]) for point in each["points"])
        ]
        return Reply(202, {"status": "ok"})

    def _event(self, data: Any) -> Reply:
        if data.get("date_happened", time.time()) < time.time() - 18 * HOUR:
            return Reply(400, {"errors": ["Event too far in the past"]})
        self.events.append(data)
        return Reply(202, {"status": "ok", "event": {"id": len(self.events)}})


def _fits(read: Any) -> bool:
    """Whether all of it was understood: models keep what they do not know, and say so."""
    if isinstance(read, list):
        return all(map(_fits, read))
    if not isinstance(read, OpenApiModel):
        return True
    if read._unparsed:
        return False
    held = read._data_store
    known = set(read.attribute_map) if isinstance(read, ModelNormal) else set(held)
    return set(held) <= known and all(map(_fits, held.values()))


def _current(when: float) -> bool:
    return time.time() - HOUR < when < time.time() + 600

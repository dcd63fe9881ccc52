"""Datadog's intake: series (v2), distribution points and events (v1).

Every body is read with the models of datadog-api-client, which are generated from Datadog's
published OpenAPI description; what does not fit is refused, as by the service. Beyond it the
documented limits are kept: the size of a request, and the ages of points and events.
"""

import time
from typing import Any

from datadog_api_client.configuration import Configuration
from datadog_api_client.model_utils import validate_and_convert_types
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
            validate_and_convert_types(
                data, (model,), ["body"], True, True, Configuration(discard_unknown_keys=False)
            )
        except Exception as error:
            return Reply(400, {"errors": [str(error)]})
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
        self.distributions += [
            each for each in data["series"] if all(_current(point[0]) for point in each["points"])
        ]
        return Reply(202, {"status": "ok"})

    def _event(self, data: Any) -> Reply:
        if data.get("date_happened", time.time()) < time.time() - 18 * HOUR:
            return Reply(400, {"errors": ["Event too far in the past"]})
        self.events.append(data)
        return Reply(202, {"status": "ok", "event": {"id": len(self.events)}})


def _current(when: float) -> bool:
    return time.time() - HOUR < when < time.time() + 600

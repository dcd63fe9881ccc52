"""Requests that nobody thought of: no answer is an error of the server, each is as documented."""

import json
from typing import Any

import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

EXAMPLES = 3
CHECKS = [content_type_conformance, response_schema_conformance, status_code_conformance]
_STREAMS = ("/api/v1/stream", "/api/v1/workflows/{id}/stream")


def test_the_document_names_every_path(admin: httpx.Client) -> None:
    document = admin.get("/openapi.json").json()
    assert "/api/v1/workflows/{id}/steps" in document["paths"]
    assert all(path.startswith("/api/v1/") for path in document["paths"])
    for path, methods in document["paths"].items():
        for method, what in methods.items():
            assert what.get("description"), f"{method} {path} does not say what it does"


def test_no_request_makes_the_server_fail_or_answer_otherwise_than_the_document_says(
    served: Any, admin: httpx.Client
) -> None:
    document = admin.get("/openapi.json").json()
    for path in _STREAMS:
        document["paths"].pop(path)  # they do not end
    schema = schemathesis.openapi.from_dict(json.loads(json.dumps(document)))
    failed: list[str] = []
    for result in schema.get_all_operations():
        operation = result.ok()
        _try(operation, served, admin, failed)
    assert not failed


def _try(operation: Any, served: Any, admin: httpx.Client, failed: list[str]) -> None:
    @settings(
        max_examples=EXAMPLES, derandomize=True, deadline=None, database=None,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate],
    )  # fmt: skip
    @_given(operation)
    def check(case: Any) -> None:
        call = case.as_transport_kwargs(base_url=f"http://{served.address}")
        headers = {**dict(call["headers"] or {}), "Authorization": admin.headers["Authorization"]}
        try:
            found = admin.request(
                call["method"], call["url"], params=call.get("params"), json=call.get("json"),
                content=call.get("data"), headers=headers,
            )  # fmt: skip
        except (httpx.InvalidURL, httpx.LocalProtocolError, UnicodeEncodeError, ValueError):
            return  # it cannot even be sent
        said = f"{call['method']} {call['url']}: {found.text[:200]}"
        if found.status_code >= 500 and found.status_code != 503:
            failed.append(said)
        try:
            case.validate_response(found, checks=CHECKS)
        except FailureGroup as group:
            failed.append(f"{said}: {[str(one) for one in group.exceptions]}")

    check()


def _given(operation: Any) -> Any:
    from hypothesis import given

    return given(case=operation.as_strategy())

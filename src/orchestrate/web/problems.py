"""Errors as `application/problem+json`: every OrchestrateError, and never a traceback."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from orchestrate.access.rights import ForbiddenError
from orchestrate.errors import ExitCode, OrchestrateError
from orchestrate.playbook.diagnostics import PlaybookInvalidError

KIND = "application/problem+json"
_BY_EXIT = {ExitCode.USAGE: 422, ExitCode.NOT_FOUND: 404, ExitCode.CONFLICT: 409}
_NOT_NOW = ("state-directory", "store", "cluster", "not-now")
"""Codes of what is nobody's fault who asks."""


class RefusedError(Exception):
    """A request that is answered with this status, for reasons of HTTP itself."""

    def __init__(self, status: int, code: str, detail: str, hint: str = "", **headers: str) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.hint = hint
        self.headers = headers

    def response(self) -> Response:
        """The answer."""
        return problem(self.status, self.code, self.detail, self.hint, headers=self.headers)


def of_error(error: OrchestrateError) -> Response:
    """The answer for an error."""
    status = _status(error)
    place = error.place
    more: dict[str, Any] = {"place": None if place is None else place._asdict()}
    if isinstance(error, PlaybookInvalidError):
        from orchestrate.library.findings import finding_json

        more["problems"] = [finding_json(one) for one in error.diagnostics.found]
    headers = {"Retry-After": "5"} if status == 503 else {}
    return problem(status, error.code, error.message, error.hint, more, headers)


def problem(
    status: int,
    code: str,
    detail: str,
    hint: str = "",
    more: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem as RFC 9457 has it, with a code, a hint and a place."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "hint": hint,
        "place": None,
        **(more or {}),
    }
    text = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    return Response(text, status, headers, KIND)


def _status(error: OrchestrateError) -> int:
    if isinstance(error, ForbiddenError):
        return 403
    if error.code in _NOT_NOW:
        return 503
    return _BY_EXIT.get(error.exit_code, 422)

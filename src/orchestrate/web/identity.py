"""Who asks: by a token, or by a session of a browser. And what they may do."""

import hmac
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Annotated, NamedTuple

from fastapi import Depends
from starlette.requests import Request

from orchestrate.access.credentials import Credential, Kind, csrf_of, split
from orchestrate.access.rights import Rights, Scope
from orchestrate.embedded.credentials import Credentials, Granted, open_credentials
from orchestrate.playbook.plan import Json
from orchestrate.processes.origin import here
from orchestrate.project.model import Project
from orchestrate.web.exposure import Way
from orchestrate.web.problems import RefusedError
from orchestrate.web.throttle import Throttle
from orchestrate.workflow.audit import Author

CSRF = "x-csrf-token"
_READS = ("GET", "HEAD")
_FAILURES_PER_MINUTE, _FAILURES = 10, 20
_BURST = 200


class Caller(NamedTuple):
    """Whoever asks."""

    credential: Credential
    client: str
    """The address that the request came from."""

    @property
    def rights(self) -> Rights:
        """What it may do."""
        return self.credential.rights

    @property
    def origin(self) -> Mapping[str, Json]:
        """From where, for the audit."""
        way = "session" if self.credential.kind is Kind.SESSION else "token"
        return {**here(), "address": self.client, "by": way}

    @property
    def author(self) -> Author:
        """Who is responsible, for the audit."""
        return Author(self.credential.name, self.origin)


class Doorkeeper:
    """Finds out who asks, in any thread, and stops those who ask too often."""

    def __init__(self, project: Project) -> None:
        self._lock = threading.Lock()
        self._open = ExitStack()
        self._credentials = self._open.enter_context(open_credentials(project))
        per_minute = project.settings.serve.requests_per_minute
        self._throttle = Throttle(per_minute, min(_BURST, per_minute))
        self._failures = Throttle(_FAILURES_PER_MINUTE, _FAILURES)

    def close(self) -> None:
        """Let go of the store."""
        with self._lock:
            self._open.close()

    def identify(self, request: Request) -> Caller:
        """Raises RefusedError."""
        way: Way = request.scope["state"]["way"]
        self._check_failures(way.client)
        given = request.headers.get("authorization")
        found = self._by_token(given) if given is not None else self._by_session(request)
        if found is None:
            self._failures.take(way.client)
            raise RefusedError(
                401, "unauthorized", "this takes a token",
                "`orchestrate token create` makes one; send `Authorization: Bearer …`, or sign in.",
                **{"WWW-Authenticate": "Bearer"},
            )  # fmt: skip
        wait = self._throttle.take(found.parent or found.id)
        if wait:
            raise _too_many("too many requests with this token", wait)
        return Caller(found, way.client)

    def is_good(self, request: Request) -> bool:
        """Whether a stream may go on: its token was not revoked meanwhile."""
        given = request.headers.get("authorization")
        if given is not None:
            return self._by_token(given) is not None
        return self._session_of(request)[0] is not None

    def sign_in(self, text: str, way: Way) -> Granted:
        """Raises RefusedError."""
        self._check_failures(way.client)
        with self._lock:
            made = self._credentials.sign_in(text, {**here(), "address": way.client})
        if made is None:
            self._failures.take(way.client)
            raise RefusedError(
                401, "unauthorized", "this token or code is not good, or not any more",
                "`orchestrate token link` prints a new link; a code is good once.",
            )  # fmt: skip
        return made

    def credentials(self) -> "Locked":
        """The credentials, for one thread at a time: `with doorkeeper.credentials() as …`."""
        return Locked(self._lock, self._credentials)

    def _check_failures(self, client: str) -> None:
        wait = self._failures.wait(client)
        if wait:
            raise _too_many("too many wrong tokens came from this address", wait)

    def _by_token(self, given: str) -> Credential | None:
        scheme, _, text = given.partition(" ")
        if scheme.lower() != "bearer":
            return None
        with self._lock:
            return self._credentials.find(text.strip(), Kind.TOKEN)

    def _session_of(self, request: Request) -> tuple[Credential | None, str]:
        """The session of a browser, if it is good, and the text of its cookie."""
        text = request.cookies.get(cookie_name(secure=request.scope["state"]["way"].secure), "")
        with self._lock:
            return self._credentials.find(text, Kind.SESSION), text

    def _by_session(self, request: Request) -> Credential | None:
        found, text = self._session_of(request)
        if found is None or request.method in _READS:
            return found
        parts = split(text)
        assert parts is not None
        sent = request.headers.get(CSRF, "").encode("latin-1", "replace")
        if not hmac.compare_digest(csrf_of(parts[1]).encode(), sent):
            raise RefusedError(
                403, "csrf", "the header X-CSRF-Token is missing or wrong",
                "`GET /api/v1/session` tells it.",
            )  # fmt: skip
        return found


class Locked:
    """Something that one thread at a time may use."""

    def __init__(self, lock: threading.Lock, credentials: Credentials) -> None:
        self._lock = lock
        self._credentials = credentials

    def __enter__(self) -> Credentials:
        self._lock.acquire()
        return self._credentials

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def cookie_name(*, secure: bool) -> str:
    """Of the session; with TLS a browser takes it from nobody else than this very host."""
    return "__Host-orchestrate" if secure else "orchestrate"


def _too_many(detail: str, wait: float) -> RefusedError:
    seconds = str(int(wait) + 1)
    return RefusedError(
        429, "too-many-requests", detail, f"Try again in {seconds} s.", **{"Retry-After": seconds}
    )


def _identify(request: Request) -> Caller:
    doorkeeper: Doorkeeper = request.app.state.doorkeeper
    return doorkeeper.identify(request)


CallerDep = Annotated[Caller, Depends(_identify)]
"""Whoever asks, for an endpoint."""


def demand(caller: Caller, scope: Scope) -> None:
    """For what belongs to the whole project."""
    caller.rights.demand_everywhere(scope)

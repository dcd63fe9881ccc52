"""Signing in and out: a browser's session; tokens."""

from typing import Annotated

from fastapi import APIRouter, Body, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from orchestrate.access.credentials import Credential, Kind, csrf_of, split
from orchestrate.access.rights import Scope
from orchestrate.embedded.credentials import credential_json
from orchestrate.web.identity import CallerDep, cookie_name, demand
from orchestrate.web.parts import DoorkeeperDep, Object, page
from orchestrate.web.problems import RefusedError
from orchestrate.workflow.moments import rfc3339

router = APIRouter(tags=["session"])
Text = Annotated[str, Field(min_length=1, max_length=200)]


class SignIn(BaseModel):
    """One of both."""

    model_config = ConfigDict(extra="forbid")
    token: Text | None = None
    code: Text | None = None


@router.post("/session", status_code=201)
def sign_in(
    request: Request, response: Response, doorkeeper: DoorkeeperDep,
    body: Annotated[SignIn, Body()],
) -> Object:  # fmt: skip
    """Begin a session: sets its cookie."""
    if (body.token is None) == (body.code is None):
        raise RefusedError(422, "usage", "give either `token` or `code`")
    way = request.scope["state"]["way"]
    made = doorkeeper.sign_in(body.token or body.code or "", way)
    assert made.credential.expires_at is not None
    response.set_cookie(
        cookie_name(secure=way.secure), made.text, path="/", secure=way.secure, httponly=True,
        max_age=int(made.credential.expires_at - made.credential.created_at), samesite="strict",
    )  # fmt: skip
    return _session_json(made.credential, made.text)


@router.get("/session")
def session(request: Request, caller: CallerDep) -> Object:
    """Who asks, and what it may do."""
    name = cookie_name(secure=request.scope["state"]["way"].secure)
    return _session_json(caller.credential, request.cookies.get(name, ""))


@router.delete("/session", status_code=204)
def sign_out(
    request: Request, response: Response, caller: CallerDep, doorkeeper: DoorkeeperDep
) -> None:
    """End the session."""
    if caller.credential.kind is not Kind.SESSION:
        raise RefusedError(409, "conflict", "a token is no session", "Revoke it instead.")
    with doorkeeper.credentials() as credentials:
        credentials.sign_out(caller.credential)
    secure = request.scope["state"]["way"].secure
    response.delete_cookie(cookie_name(secure=secure), path="/", secure=secure, httponly=True)


@router.get("/tokens")
def tokens(caller: CallerDep, doorkeeper: DoorkeeperDep) -> Object:
    """Those that were not revoked, without their secrets."""
    demand(caller, Scope.ADMIN)
    with doorkeeper.credentials() as credentials:
        return page([credential_json(one) for one in credentials.tokens()], None)


@router.delete("/tokens/{name}", status_code=204)
def revoke(name: str, caller: CallerDep, doorkeeper: DoorkeeperDep) -> None:
    """End a token, and the sessions that were begun with it."""
    demand(caller, Scope.ADMIN)
    with doorkeeper.credentials() as credentials:
        credentials.revoke(name, caller.author)


def _session_json(credential: Credential, text: str) -> Object:
    parts = split(text) if credential.kind is Kind.SESSION else None
    return {
        "actor": credential.name,
        **credential.rights.to_json(),
        "csrf": None if parts is None else csrf_of(parts[1]),
        "expires_at": rfc3339(credential.expires_at),
    }

"""`orchestrate token`: who may use the API and the console."""

import re
import time

import click

from orchestrate.access.credentials import Credential
from orchestrate.access.rights import EVERYTHING, Rights, Scope
from orchestrate.app import App, open_app
from orchestrate.cli.console import err, out
from orchestrate.cli.formats import dump, moment, rfc3339
from orchestrate.cli.options import json_option
from orchestrate.cli.table import write_table
from orchestrate.embedded.credentials import (
    CODE_LASTS,
    Granted,
    credential_json,
    open_credentials,
)
from orchestrate.errors import UsageError
from orchestrate.launching.identity import current_author

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_DEFAULT_ADDRESS = "127.0.0.1:8765"


@click.group()
def token() -> None:
    """Make, list and revoke tokens for the API; make a link to sign in to the console."""


@token.command()
@click.option("--name", required=True, metavar="NAME", help="Who it is; the actor in the audit.")
@click.option("--scope", "scopes", required=True, multiple=True,
              type=click.Choice([str(scope) for scope in Scope]),
              help="What it is for; repeatable.")  # fmt: skip
@click.option("--environment", "environments", multiple=True, metavar="NAME",
              help="Only there; `*` and `?` are wildcards; repeatable.")  # fmt: skip
@click.option("--playbook", "playbooks", multiple=True, metavar="NAME",
              help="Only this playbook; repeatable.")  # fmt: skip
@click.option("--expires", metavar="DURATION", help="Such as 90d; by default it does not.")
@json_option
def create(
    *,
    name: str,
    scopes: tuple[str, ...],
    environments: tuple[str, ...],
    playbooks: tuple[str, ...],
    expires: str | None,
    as_json: bool,
) -> int:
    """Make a token and show it, once: only a hash of it is kept."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"--name {name} is no name of a token",
            hint="Letters, digits, `.`, `_` and `-`, up to 64.",
        )
    rights = Rights(
        tuple(dict.fromkeys(map(Scope, scopes))), environments or None, playbooks or None
    )
    with open_credentials(open_app().project) as credentials:
        made = credentials.create(name, rights, _seconds(expires), current_author())
    if as_json:
        out.line(dump({**credential_json(made.credential), "token": made.text}))
        return 0
    out.line(made.text)
    err.line("Keep it now: it is not shown again.")
    return 0


@token.command("list")
@json_option
def list_(*, as_json: bool) -> int:
    """List tokens; their secrets are not known any more."""
    with open_credentials(open_app().project) as credentials:
        found = credentials.tokens()
    if as_json:
        out.line(dump([credential_json(one) for one in found]))
        return 0
    if not found:
        out.line("no tokens; `orchestrate token create --name NAME --scope view` makes one")
        return 0
    now = time.time()
    rows = [
        (
            one.name,
            ", ".join(one.rights.scopes),
            ", ".join(one.rights.environments or ("all",)),
            ", ".join(one.rights.playbooks or ("all",)),
            f"{moment(one.created_at)} by {one.created_by}",
            _until(one, now),
        )
        for one in found
    ]
    headings = ("NAME", "SCOPES", "ENVIRONMENTS", "PLAYBOOKS", "MADE", "EXPIRES")
    write_table(out, headings, rows)
    return 0


@token.command()
@click.argument("name")
@json_option
def revoke(*, name: str, as_json: bool) -> int:
    """End a token, and every session that was begun with it."""
    with open_credentials(open_app().project) as credentials:
        credentials.revoke(name, current_author())
    out.line(dump({"revoked": name}) if as_json else f"{name} is revoked")
    return 0


@token.command()
@click.option("--scope", "scopes", multiple=True,
              type=click.Choice([str(scope) for scope in Scope]),
              help="What the session is for; by default everything.")  # fmt: skip
@json_option
def link(*, scopes: tuple[str, ...], as_json: bool) -> int:
    """Print a link with which a browser signs in to the console as you, once, within 5 minutes."""
    app = open_app()
    made = _code(app, Rights(tuple(map(Scope, scopes))) if scopes else EVERYTHING)
    url = _url(app, made, address=served_at(app))
    if as_json:
        out.line(dump({"url": url, "code": made.text,
                       "expires_at": rfc3339(made.credential.expires_at)}))  # fmt: skip
        return 0
    out.line(url)
    err.line(f"It is good once, for {CODE_LASTS / 60:g} minutes.")
    if not app.is_served():
        err.line("Nothing serves this project yet: `orchestrate serve` does.")
    return 0


def _seconds(expires: str | None) -> float | None:
    if expires is None:
        return None
    from orchestrate.playbook.durations import parse_duration

    try:
        seconds = parse_duration(expires)
    except ValueError as error:
        raise UsageError(f"--expires {error}", hint="Such as `90d` or `12h`.") from None
    if seconds <= 0:
        raise UsageError("--expires must be in the future", hint="Such as `90d` or `12h`.")
    return seconds


def _until(one: Credential, now: float) -> str:
    if one.expires_at is None:
        return "never"
    return moment(one.expires_at) if one.is_good(now) else f"expired {moment(one.expires_at)}"


def sign_in_link(app: App, page: str = "", address: str = "") -> str:
    """Signs a browser in as the user of this process, once, and shows a page of the console.

    `address`: that of a server whose address is known already.
    """
    return _url(app, _code(app, EVERYTHING), page, address)


def _code(app: App, rights: Rights) -> Granted:
    with open_credentials(app.project) as credentials:
        return credentials.create_code(rights, current_author())


def _url(app: App, made: Granted, page: str = "", address: str = "") -> str:
    settings = app.project.settings.serve
    base = settings.public_url or _server_url(app, address or settings.listen or _DEFAULT_ADDRESS)
    return f"{base}/console/{page}#code={made.text}"


def served_at(app: App) -> str:
    """Where the daemon that serves this project takes HTTP requests, as `host:port`; empty if none
    does, or it does not say (that of a cluster).
    """
    if app.project.settings.cluster is not None or not app.is_served():
        return ""
    from orchestrate.embedded.presence import address_in

    with app.open_engine() as engine:
        return address_in(engine.store)


def _server_url(app: App, address: str) -> str:
    """The URL of what listens at an address, for this machine."""
    scheme = "http" if app.project.settings.serve.tls_certificate is None else "https"
    host, _, port = address.rpartition(":")
    here = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]", "": "127.0.0.1"}.get(host, host)
    return f"{scheme}://{here}:{port}"

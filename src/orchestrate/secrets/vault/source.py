"""Reading secrets of Vault (and OpenBao): key-value engines of both versions, and dynamic ones.

The path is the one that `vault kv get` and `vault read` take. Which engine is behind it Vault tells
to everybody who may read there.
"""

import json
import threading
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from orchestrate.playbook.plan import Json, Secret
from orchestrate.playbook.spelling import nearest
from orchestrate.secrets.model import Fetched, SourceError, check_value
from orchestrate.secrets.vault.connection import NOTHING, Refusal, ask, connect, find_server
from orchestrate.secrets.vault.login import Login
from orchestrate.secrets.vault.renewing import Held, Renewer, Term

_LAST_WAIT = 2.0
"""Seconds for which passing trouble is waited out when a lease is given back."""


class _Mount(NamedTuple):
    """An engine and what is looked up in it. `kind`: kv1, kv2 or other."""

    kind: str
    point: str
    path: str


class _Found(NamedTuple):
    """The fields of a secret, and what lends it ("" if nothing does)."""

    fields: Mapping[str, Json]
    lease: str
    term: Term


class Vault:
    """One server, one login."""

    def __init__(self, settings: Mapping[str, Json], env: Mapping[str, str]) -> None:
        self._server = find_server(settings, env)
        self._login = Login(settings, env)
        self._client = connect(self._server)
        self._lock = threading.RLock()
        self._renewer = Renewer()
        self._revokes = settings.get("revoke", True) is not False
        self._token: Held | None = None

    def fetch(self, secret: Secret) -> Fetched:
        """The value now, and its lease if it has one."""
        path, field = _address(secret)
        try:
            with self._lock:
                found = self._read(path, secret.options.get("version"))
        except Refusal as refusal:
            raise self._error(secret, path, refusal) from None
        value = _field(secret, path, field, found.fields)
        check_value(secret, value, path)
        if not found.lease:
            return Fetched(value)
        name = found.lease if self._revokes else ""
        held = Held(found.term, lambda: self._renew_lease(found.lease), name)
        self._renewer.keep(held)
        return Fetched(value, held)

    def take_back(self, lease: str) -> None:
        """Revoke what was lent, at once. Blocks for some seconds at most. Raises SourceError."""
        server = self._server._replace(wait=min(self._server.wait, _LAST_WAIT))
        try:
            with self._lock:
                self._log_in()
                ask(server, lambda: self._client.sys.revoke_lease(lease_id=lease))
        except Refusal as refusal:
            hint = refusal.hint
            if refusal.kind == "denied":
                hint = (
                    f"Its login (`{self._login.method}`) needs a policy with `update` on "
                    "sys/leases/revoke; or let leases run out: `revoke = false` under "
                    "[secrets.vault]."
                )
            raise SourceError(f"a lease was not revoked: {refusal.message}", hint=hint) from None

    def _read(self, path: str, version: str | None) -> _Found:
        try:
            self._log_in()
            return self._read_once(path, version)
        except Refusal as refusal:
            # A token may have been taken back before its time.
            if refusal.kind != "denied" or not self._login.can_repeat or self._token is None:
                raise
        self._token = None
        self._log_in()
        return self._read_once(path, version)

    def _log_in(self) -> None:
        if self._token is not None and self._token.is_valid():
            return
        self._token = None
        self._client.token = ""
        try:
            token = self._login.log_in(self._server, self._client)
        except Refusal as refusal:
            if refusal.kind in ("passing", "broken"):
                raise
            raise SourceError(
                f"the login to Vault by `{self._login.method}` failed: {refusal.message}",
                hint="Look whether what it logs in with still holds, and at `auth` under "
                "[secrets.vault].",
            ) from None
        self._client.token = token.text
        self._token = Held(Term(token.seconds, token.renewable), self._renew_token)
        self._renewer.keep(self._token)

    def _read_once(self, path: str, version: str | None) -> _Found:
        mount = self._mount(path)
        kv = self._client.secrets.kv
        reading: Callable[[], Any]
        match mount.kind:
            case "kv2":
                number = int(version) if version else None
                reading = lambda: kv.v2.read_secret_version(  # noqa: E731
                    mount.path, number, mount.point, raise_on_deleted_version=True
                )
            case "kv1":
                reading = lambda: kv.v1.read_secret(mount.path, mount.point)  # noqa: E731
            case _:
                reading = lambda: self._client.adapter.get(f"/v1/{path}")  # noqa: E731
        answer = ask(self._server, reading)
        data: Any = answer.get("data") or NOTHING
        fields = (data.get("data") or NOTHING) if mount.kind == "kv2" else data
        lease = str(answer.get("lease_id") or "")
        term = Term(float(answer.get("lease_duration") or 0), bool(answer.get("renewable")))
        return _Found(fields, lease, term)

    def _mount(self, path: str) -> _Mount:
        """Which engine keeps that path."""
        try:
            url = f"/v1/sys/internal/ui/mounts/{path}"
            answer = ask(self._server, lambda: self._client.adapter.get(url))
        except Refusal as refusal:
            if refusal.kind in ("passing", "broken"):
                raise
            # Older servers do not tell. The engine at `secret/` is of version 2 since 2018.
            point, _, rest = path.partition("/")
            return _Mount("kv2", point, rest)
        found: Any = answer.get("data") or NOTHING
        point = str(found.get("path") or path.partition("/")[0]).strip("/")
        rest = path.removeprefix(point).strip("/")
        if found.get("type") not in ("kv", "generic"):
            return _Mount("other", point, rest)
        if str((found.get("options") or NOTHING).get("version", "1")) == "2":
            # The path as the HTTP interface has it means the same.
            return _Mount("kv2", point, rest.removeprefix("data/"))
        return _Mount("kv1", point, rest)

    def _renew_token(self) -> Term:
        with self._lock:
            answer = ask(self._server._replace(wait=0), self._client.auth.token.renew_self)
        granted: Any = answer.get("auth") or NOTHING
        return Term(float(granted.get("lease_duration") or 0), bool(granted.get("renewable")))

    def _renew_lease(self, lease: str) -> Term:
        with self._lock:
            self._log_in()
            answer = ask(
                self._server._replace(wait=0), lambda: self._client.sys.renew_lease(lease_id=lease)
            )
        return Term(float(answer.get("lease_duration") or 0), bool(answer.get("renewable")))

    def _error(self, secret: Secret, path: str, refusal: Refusal) -> SourceError:
        message, hint = refusal.message, refusal.hint
        match refusal.kind:
            case "denied":
                hint = (
                    f"Its login (`{self._login.method}`) needs a policy with `read` on that path: "
                    f"`vault token capabilities {path}` tells what it has."
                )
            case "missing":
                message = f"there is nothing in Vault at {self._server.address}"
                version = secret.options.get("version")
                if version:
                    message += f", or no version {version}"
                hint = f"Look for it: `vault kv list {path.rpartition('/')[0] or path}`."
            case _:
                pass
        return SourceError(
            f"secret `{secret.name}` ({path}): {message}", hint=hint, place=secret.place
        )


def _address(secret: Secret) -> tuple[str, str]:
    """Path and field ("": the only one)."""
    path, _, field = secret.options["path"].partition("#")
    return path.strip("/"), secret.options.get("field") or field


def _field(secret: Secret, path: str, field: str, fields: Mapping[str, Json]) -> str:
    """The value of a field. Messages name the fields, never a value."""
    known = ", ".join(fields) or "none"
    if not field and len(fields) != 1:
        raise SourceError(
            f"secret `{secret.name}` ({path}) has {len(fields)} fields, and none is chosen: "
            f"{known}",
            hint=f"Choose one: `field: {next(iter(fields), 'NAME')}`.",
            place=secret.place,
        )
    name = field or next(iter(fields))
    if name not in fields:
        near = nearest(name, fields)
        raise SourceError(
            f"secret `{secret.name}` ({path}) has no field `{name}`; its fields: {known}",
            hint=f"did you mean `{near}`?" if near else "Choose one of these.",
            place=secret.place,
        )
    value = fields[name]
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)

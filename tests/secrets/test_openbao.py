"""The source `vault` against a real server: OpenBao, which speaks the interface of Vault."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from polling import eventually
from vaults.openbao import OpenBao, Redis

from orchestrate.errors import Place
from orchestrate.playbook.plan import Secret
from orchestrate.secrets.model import SourceError
from orchestrate.secrets.sources import Sources

READS = """
path "secret/data/prod/*" { capabilities = ["read"] }
path "secrets/prod/*" { capabilities = ["read"] }
path "database/creds/app" { capabilities = ["read"] }
"""
REVOKES = 'path "sys/leases/revoke" { capabilities = ["update"] }'


@pytest.fixture(scope="module")
def bao() -> Iterator[OpenBao]:
    server, redis = OpenBao(), Redis()
    server.ask("POST", "secret/data/prod/db", {"data": {"user": "ann", "password": "first-one"}})
    server.ask("POST", "secret/data/prod/db", {"data": {"user": "ann", "password": "hunter2222"}})
    server.ask("POST", "secret/data/prod/gone", {"data": {"password": "deleted-one"}})
    server.ask("DELETE", "secret/data/prod/gone")
    server.ask("POST", "secrets/prod/db", {"password": "kv-one-value"})
    server.ask("POST", "secrets/other", {"password": "of-somebody-else"})
    server.lend_users_of(redis, "2s")
    server.redis = redis  # type: ignore[attr-defined]
    yield server
    server.stop()
    redis.stop()


@pytest.fixture(scope="module")
def role(bao: OpenBao) -> dict[str, str]:
    role_id, secret_id = bao.app_role(READS)
    return {"VAULT_ROLE_ID": role_id, "VAULT_SECRET_ID": secret_id}


def sources(bao: OpenBao, env: dict[str, str] | None = None, **settings: object) -> Sources:
    env = {"VAULT_TOKEN": OpenBao.ROOT} if env is None else env
    given = {"address": bao.address, "wait": 0.3, "timeout": 60.0, **settings}
    return Sources(Path("/"), given, env)


def wanted(path: str, **options: str) -> Secret:
    return Secret("db", "vault", {"path": path, **options}, Place("p.yaml", 3, 5))


@pytest.mark.parametrize(
    ("path", "options", "value"),
    [
        ("secret/prod/db#password", {}, "hunter2222"),
        ("/secret/data/prod/db", {"field": "password"}, "hunter2222"),
        ("secret/prod/db", {"field": "password", "version": "1"}, "first-one"),
        ("/secrets/prod/db", {}, "kv-one-value"),
    ],
)
def test_both_key_value_engines(bao: OpenBao, path: str, options: dict, value: str) -> None:
    assert sources(bao).fetch(wanted(path, **options)).value == value


@pytest.mark.parametrize("path", ["secret/prod/nothing", "secret/prod/gone", "secrets/nothing"])
def test_what_is_not_there_or_deleted(bao: OpenBao, path: str) -> None:
    with pytest.raises(SourceError, match="there is nothing in Vault at"):
        sources(bao).fetch(wanted(path))


def test_a_role_reads_what_its_policy_allows_and_no_more(
    bao: OpenBao, role: dict[str, str]
) -> None:
    found = sources(bao, role)
    assert found.fetch(wanted("secret/prod/db#password")).value == "hunter2222"
    assert found.fetch(wanted("secrets/prod/db")).value == "kv-one-value"
    with pytest.raises(SourceError, match="denies it"):
        found.fetch(wanted("secrets/other"))
    with pytest.raises(SourceError, match="login to Vault by `approle` failed"):
        sources(bao, {**role, "VAULT_SECRET_ID": "wrong"}).fetch(wanted("secrets/prod/db"))


def test_a_token_that_is_taken_back_is_replaced_by_a_new_login(
    bao: OpenBao, role: dict[str, str]
) -> None:
    found = sources(bao, role)
    found.fetch(wanted("secrets/prod/db"))
    for accessor in bao.ask("LIST", "auth/token/accessors")["data"]["keys"]:
        about = bao.ask("POST", "auth/token/lookup-accessor", {"accessor": accessor})["data"]
        if about["path"] == "auth/approle/login":
            bao.ask("POST", "auth/token/revoke-accessor", {"accessor": accessor})
    assert found.fetch(wanted("secrets/prod/db")).value == "kv-one-value"


def test_a_user_that_is_lent_is_kept_alive_and_then_given_back(bao: OpenBao) -> None:
    redis: Redis = bao.redis  # type: ignore[attr-defined]
    found = sources(bao)
    fetched = found.fetch(wanted("database/creds/app#username"))
    assert fetched.value in redis.users
    assert fetched.lease is not None
    (lease,) = bao.leases()
    about = {"lease_id": f"database/creds/app/{lease}"}
    assert fetched.lease.name == about["lease_id"]
    eventually(lambda: bao.ask("PUT", "sys/leases/lookup", about)["data"]["last_renewal"])
    assert fetched.lease.is_valid()
    found.take_back("vault", fetched.lease.name)
    eventually(lambda: fetched.value in redis.removed)
    assert bao.leases() == []


def test_a_user_that_nobody_keeps_runs_out(bao: OpenBao) -> None:
    redis: Redis = bao.redis  # type: ignore[attr-defined]
    name = sources(bao).fetch(wanted("database/creds/app#username")).value
    eventually(lambda: name in redis.removed)


def test_who_may_not_revoke_is_told_what_to_do(bao: OpenBao, role: dict[str, str]) -> None:
    found = sources(bao, role)
    fetched = found.fetch(wanted("database/creds/app#password"))
    assert fetched.lease is not None
    with pytest.raises(SourceError, match=r"a lease was not revoked: .* denies it") as denied:
        found.take_back("vault", fetched.lease.name)
    assert "`update` on sys/leases/revoke" in denied.value.hint
    bao.ask("POST", "sys/policies/acl/steps", {"policy": READS + REVOKES})
    found.take_back("vault", fetched.lease.name)
    bao.ask("POST", "sys/policies/acl/steps", {"policy": READS})


def test_leases_that_are_to_run_out_have_no_name(bao: OpenBao) -> None:
    fetched = sources(bao, revoke=False).fetch(wanted("database/creds/app#password"))
    assert fetched.lease is not None
    assert fetched.lease.name == ""


def test_namespaces(bao: OpenBao) -> None:
    bao.ask("POST", "sys/namespaces/team", {})
    bao.ask("POST", "team/sys/mounts/secrets", {"type": "kv", "options": {"version": "1"}})
    bao.ask("POST", "team/secrets/db", {"password": "of-the-team"})
    found = sources(bao, namespace="team")
    assert found.fetch(wanted("secrets/db")).value == "of-the-team"


def test_sealed_is_waited_out(bao: OpenBao) -> None:
    bao.ask("PUT", "sys/seal")
    try:
        with pytest.raises(SourceError, match="is sealed") as refused:
            sources(bao).fetch(wanted("secrets/prod/db"))
        assert "vault operator unseal" in refused.value.hint
    finally:
        bao.ask("PUT", "sys/unseal", {"key": bao.unseal_key})
    assert sources(bao, wait=30.0).fetch(wanted("secrets/prod/db")).value == "kv-one-value"


def test_a_server_that_does_not_answer(bao: OpenBao) -> None:
    bao.pause()
    try:
        with pytest.raises(SourceError, match=r"did not answer within 0\.2 s"):
            sources(bao, timeout=0.2).fetch(wanted("secrets/prod/db"))
    finally:
        bao.go_on()
    bao.wait_until_it_answers()

"""Secrets of Vault: engines, fields, logins, leases, and what is said when it gives none."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from polling import eventually
from vaults.server import Vault, closed_port

from orchestrate.errors import Place
from orchestrate.playbook.plan import Json, Secret
from orchestrate.secrets.model import Fetched, SecretError
from orchestrate.secrets.sources import Sources

PLACE = Place("playbooks/deploy.yaml", 4, 3)
ROOT = {"VAULT_TOKEN": "root-token"}


@pytest.fixture
def vault() -> Iterator[Vault]:
    server = Vault()
    server.kv1["prod/db"] = {"password": "hunter2222"}
    server.kv2["prod/db"] = [
        {"user": "app", "password": "old-password"},
        {"user": "app-2", "password": "new-password", "port": 54321},
    ]
    server.kv2["prod/gone"] = [{"a": "aaaa"}, None]
    server.address = server.start()  # type: ignore[attr-defined]
    yield server
    server.stop()


def sources(server: Vault, env: dict[str, str] | None = None, **settings: Json) -> Sources:
    known = {"address": server.address, "timeout": 60.0, "wait": 0.0, **settings}  # type: ignore[attr-defined]
    return Sources(Path("/"), known, ROOT if env is None else env)


def wanted(path: str, **options: str) -> Secret:
    return Secret("db", "vault", {"path": path, **options}, PLACE)


def value(server: Vault, path: str, **options: str) -> str:
    return sources(server).fetch(wanted(path, **options)).value


def refusal(found: Sources, secret: Secret) -> SecretError:
    with pytest.raises(SecretError) as caught:
        found.fetch(secret)
    assert caught.value.place == PLACE
    assert caught.value.hint
    for hidden in ("hunter2222", "password-", "new-password", "root-token"):
        assert hidden not in f"{caught.value.message} {caught.value.hint}"
    return caught.value


@pytest.mark.parametrize(
    ("path", "options", "expected"),
    [
        ("/secrets/prod/db", {}, "hunter2222"),
        ("secrets/prod/db#password", {}, "hunter2222"),
        ("secret/prod/db#password", {}, "new-password"),
        ("secret/prod/db", {"field": "user"}, "app-2"),
        ("secret/prod/db", {"field": "port"}, "54321"),
        ("secret/prod/db#password", {"version": "1"}, "old-password"),
        ("secret/data/prod/db#password", {}, "new-password"),
    ],
)
def test_both_key_value_engines(
    vault: Vault, path: str, options: dict[str, str], expected: str
) -> None:
    assert value(vault, path, **options) == expected


def test_a_server_that_does_not_tell_its_mounts(vault: Vault) -> None:
    vault.tells_mounts = False
    assert value(vault, "secret/prod/db#password") == "new-password"


@pytest.mark.parametrize(
    ("path", "options", "said"),
    [
        ("secret/prod/db", {}, "has 3 fields, and none is chosen: user, password, port"),
        ("secret/prod/db#pasword", {}, "has no field `pasword`; its fields: user, password, port"),
        ("secret/prod/nothing", {}, "there is nothing in Vault at"),
        ("secret/prod/gone", {}, "there is nothing in Vault at"),
        ("secret/prod/db#user", {"version": "1"}, "is shorter than 4 characters"),
        ("secret/prod/db#user", {"version": "7"}, "or no version 7"),
    ],
)
def test_what_is_not_there(vault: Vault, path: str, options: dict[str, str], said: str) -> None:
    assert said in refusal(sources(vault), wanted(path, **options)).message


def test_a_field_that_is_nearly_right_is_suggested(vault: Vault) -> None:
    error = refusal(sources(vault), wanted("secret/prod/db#pasword"))
    assert error.hint == "did you mean `password`?"


def test_app_role(vault: Vault, tmp_path: Path) -> None:
    file = tmp_path / "secret-id"
    file.write_text("secret-id-1\n")
    by_file = sources(vault, {}, role_id="role-1", secret_id_file=str(file))
    by_variables = sources(vault, {"VAULT_ROLE_ID": "role-1", "VAULT_SECRET_ID": "secret-id-1"})
    for found in (by_file, by_variables):
        assert found.fetch(wanted("secrets/prod/db")).value == "hunter2222"
    wrong = sources(vault, {"VAULT_ROLE_ID": "role-1", "VAULT_SECRET_ID": "other"})
    error = refusal(wrong, wanted("secrets/prod/db"))
    assert "the login to Vault by `approle` failed" in error.message
    assert "invalid role or secret ID" in error.message


def test_kubernetes(vault: Vault, tmp_path: Path) -> None:
    file = tmp_path / "jwt"
    file.write_text("service-account-jwt")
    found = sources(vault, {}, role="deployer", jwt_file=str(file), mount="k8s")
    assert found.fetch(wanted("secrets/prod/db")).value == "hunter2222"
    assert "POST auth/k8s/login" in vault.asked
    error = refusal(sources(vault, {}, role="deployer"), wanted("secrets/prod/db"))
    assert "serviceaccount/token, which cannot be read: No such file or directory" in error.message


def test_a_file_with_a_token_is_read_anew(vault: Vault, tmp_path: Path) -> None:
    (tmp_path / ".vault-token").write_text("root-token\n")
    found = sources(vault, {"HOME": str(tmp_path)})
    assert found.fetch(wanted("secrets/prod/db")).value == "hunter2222"
    vault.tokens = {"next-token": ("root", None)}
    (tmp_path / ".vault-token").write_text("next-token\n")
    assert found.fetch(wanted("secrets/prod/db")).value == "hunter2222"


def test_without_a_login_or_an_address_the_error_says_what_to_set(
    vault: Vault, tmp_path: Path
) -> None:
    error = refusal(sources(vault, {"HOME": str(tmp_path)}), wanted("secrets/prod/db"))
    assert error.message == "secret `db`: nobody says how to log in to Vault"
    error = refusal(Sources(Path("/"), {}, ROOT), wanted("secrets/prod/db"))
    assert error.message == "secret `db`: nobody says where Vault is"


def test_variables_of_vault_win(vault: Vault) -> None:
    env = {**ROOT, "VAULT_ADDR": vault.address, "VAULT_NAMESPACE": "team"}  # type: ignore[attr-defined]
    found = Sources(Path("/"), {"address": "http://127.0.0.1:1", "namespace": "x"}, env)
    assert found.fetch(wanted("secrets/prod/db")).value == "hunter2222"
    assert vault.asked[-1] == "GET team: secrets/prod/db"


def test_denied(vault: Vault) -> None:
    vault.tokens["small"] = ("narrow", None)
    error = refusal(sources(vault, {"VAULT_TOKEN": "small"}), wanted("secret/prod/db#password"))
    assert "denies it" in error.message
    assert "policy with `read`" in error.hint
    assert "vault token capabilities secret/prod/db" in error.hint


def test_sealed(vault: Vault) -> None:
    vault.sealed = True
    error = refusal(sources(vault), wanted("secrets/prod/db"))
    assert error.message.endswith("is sealed")
    assert "vault operator unseal" in error.hint


def test_slow(vault: Vault) -> None:
    vault.delay = 20.0
    error = refusal(sources(vault, timeout=0.1), wanted("secrets/prod/db"))
    assert error.message.endswith("did not answer within 0.1 s")


def test_unreachable(vault: Vault) -> None:
    found = sources(vault, address=f"http://127.0.0.1:{closed_port()}")
    assert refusal(found, wanted("secrets/prod/db")).message.endswith("cannot be reached")


def test_trouble_that_passes_is_waited_out(vault: Vault) -> None:
    vault.trouble = [503, 429, 500]
    found = sources(vault, wait=20.0)
    assert found.fetch(wanted("secrets/prod/db")).value == "hunter2222"


def test_what_is_lent_is_renewed_while_somebody_holds_it(vault: Vault) -> None:
    vault.lease_seconds = 1
    found = sources(vault)
    fetched: Fetched | None = found.fetch(wanted("database/creds/app#password"))
    assert fetched is not None
    assert fetched.value == "lent-password-1"
    assert fetched.lease is not None
    renewals = lambda: vault.asked.count("PUT sys/leases/renew")  # noqa: E731
    eventually(lambda: renewals() >= 2)
    assert fetched.lease.is_valid()
    fetched = None
    before = renewals()
    # A renewal may be under way. Afterwards nobody asks for more time, and the lease ends.
    eventually(lambda: vault.leases["database/creds/app/1"] < time.monotonic())
    assert renewals() <= before + 1


def test_what_can_no_longer_be_renewed_is_over_in_time(vault: Vault) -> None:
    vault.lease_seconds = 1
    vault.renewable = False
    fetched = sources(vault).fetch(wanted("database/creds/app#password"))
    assert fetched.lease is not None
    assert fetched.lease.is_valid()
    eventually(lambda: not fetched.lease.is_valid())  # type: ignore[union-attr]


def test_a_token_that_was_taken_back_is_replaced(vault: Vault) -> None:
    found = sources(vault, {"VAULT_ROLE_ID": "role-1", "VAULT_SECRET_ID": "secret-id-1"})
    assert found.fetch(wanted("secrets/prod/db")).value == "hunter2222"
    vault.tokens.clear()
    assert found.fetch(wanted("secrets/prod/db")).value == "hunter2222"
    assert vault.asked.count("POST auth/approle/login") == 2


def test_a_login_is_renewed(vault: Vault) -> None:
    vault.token_seconds = 1
    found = sources(vault, {"VAULT_ROLE_ID": "role-1", "VAULT_SECRET_ID": "secret-id-1"})
    assert found.fetch(wanted("secrets/prod/db")).value == "hunter2222"
    eventually(lambda: vault.asked.count("POST auth/token/renew-self") >= 2)
    assert vault.asked.count("POST auth/approle/login") == 1

"""Users of a database that a real OpenBao lends to workflows, and what becomes of them."""

import os
import signal
from collections.abc import Iterator

import pytest
from tests.acceptance.conftest import Project, wait_until
from vaults.openbao import OpenBao, Redis

PLAYBOOK = """\
name: lent
secrets:
  - {name: user, source: vault, path: "database/creds/app#username"}
  - {name: key, source: vault, path: secrets/key}
steps:
  - name: first
    env: {USER_LENT: "${secrets.user}"}
    shell: touch used
  - name: waits
    shell: touch waiting; while test ! -f go; do sleep 0.05; done
  - name: last
    env: {KEY: "${secrets.key}", USER_LENT: "${secrets.user}"}
    shell: test "$KEY" = key-of-today; test ! -f fail
"""


@pytest.fixture
def redis() -> Iterator[Redis]:
    server = Redis()
    yield server
    server.stop()


SETTINGS = "[secrets.vault]\ntimeout = 60\nwait = 60\n"


@pytest.fixture
def bao(redis: Redis) -> Iterator[OpenBao]:
    server = OpenBao()
    server.lend_users_of(redis, "10m")
    server.ask("POST", "secrets/key", {"value": "key-of-today"})
    yield server
    server.stop()


@pytest.fixture
def lent(project: Project, bao: OpenBao) -> Project:
    project.playbook("lent", PLAYBOOK)
    project.env |= {"VAULT_ADDR": bao.address, "VAULT_TOKEN": OpenBao.ROOT}
    project.write("orchestrate.toml", SETTINGS)
    return project


@pytest.mark.parametrize("fails", [False, True])
def test_what_was_lent_is_given_back_when_the_workflow_is_over(
    lent: Project, bao: OpenBao, redis: Redis, fails: bool
) -> None:
    lent.touch("go")
    if fails:
        lent.touch("fail")
    done = lent("run", "--playbook", "lent")
    assert done.code == int(fails), done.err
    assert len(redis.removed) == 1, "one lease for all steps"
    assert (redis.users, bao.leases()) == ({}, [])
    folder = lent.root / ".orchestrate/workflows" / lent.newest()
    assert not (folder / "leases").exists()


def test_whoever_ends_it_after_a_crash_gives_back_all_of_it(
    lent: Project, bao: OpenBao, redis: Redis
) -> None:
    run = lent.start("run", "--playbook", "lent")
    lent.wait_for_file("waiting")
    os.kill(run.pid, signal.SIGKILL)
    run.wait(120)
    assert len(redis.users) == 1, "steps go on, with what they have"
    lent.touch("go")
    lent.ok("resume", "--workflow", lent.newest())
    assert len(redis.removed) == 2
    assert (redis.users, bao.leases()) == ({}, [])


def test_a_check_of_dependencies_leaves_nothing_lent(
    lent: Project, bao: OpenBao, redis: Redis
) -> None:
    said = lent.ok("validate", "--playbook", "lent", "--dependencies").out
    assert "from vault" in said
    assert len(redis.removed) == 1
    assert (redis.users, bao.leases()) == ({}, [])


def test_sealed_in_the_middle_and_unsealed(lent: Project, bao: OpenBao, redis: Redis) -> None:
    run = lent.start("run", "--playbook", "lent")
    lent.wait_for_file("waiting")
    bao.ask("PUT", "sys/seal")
    lent.touch("go")
    wait_until(lambda: lent.step("waits")["state"] == "succeeded")
    bao.ask("PUT", "sys/unseal", {"key": bao.unseal_key})
    assert lent.finish(run).code == 0
    assert redis.users == {}


def test_hanging_in_the_middle_and_back(lent: Project, bao: OpenBao, redis: Redis) -> None:
    lent.write("orchestrate.toml", SETTINGS.replace("timeout = 60", "timeout = 2"))
    run = lent.start("run", "--playbook", "lent")
    lent.wait_for_file("waiting")
    bao.pause()
    lent.touch("go")
    wait_until(lambda: lent.step("waits")["state"] == "succeeded")
    bao.go_on()
    assert lent.finish(run).code == 0
    assert redis.users == {}


def test_gone_in_the_middle(lent: Project, bao: OpenBao) -> None:
    lent.write("orchestrate.toml", SETTINGS.replace("wait = 60", "wait = 0.2"))
    run = lent.start("run", "--playbook", "lent")
    lent.wait_for_file("waiting")
    bao.stop()
    lent.touch("go")
    done = lent.finish(run)
    assert done.code == 1
    assert "cannot be reached" in lent.step("last")["message"]
    assert lent.states() == {"first": "succeeded", "waits": "succeeded", "last": "failed"}
    assert "secrets: a lease was not revoked: Vault at" in done.err
    assert "Traceback" not in done.err


def test_who_may_not_give_back_is_told_and_the_workflow_succeeds(
    lent: Project, bao: OpenBao, redis: Redis
) -> None:
    reads = 'path "database/creds/app" {capabilities = ["read"]}\n'
    role, secret = bao.app_role(reads + 'path "secrets/*" {capabilities = ["read"]}')
    del lent.env["VAULT_TOKEN"]
    lent.env |= {"VAULT_ROLE_ID": role, "VAULT_SECRET_ID": secret}
    lent.touch("go")
    done = lent.ok("run", "--playbook", "lent")
    assert "`update` on sys/leases/revoke" in done.err
    lent.write("orchestrate.toml", "[secrets.vault]\nrevoke = false\n")
    assert "secrets:" not in lent.ok("run", "--playbook", "lent").err
    assert len(redis.users) == 2

"""Where values come from: environment variables, files, and what packages offer."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from orchestrate.errors import Place
from orchestrate.playbook.plan import Secret
from orchestrate.secrets.model import SecretError
from orchestrate.secrets.sources import Sources, check_sources, resolve, withheld_variables

PLACE = Place("playbooks/deploy.yaml", 4, 3)


def secret(name: str, source: str = "environment", **options: str) -> Secret:
    return Secret(name, source, options, PLACE)


def fetch(root: Path, wanted: Secret, env: Mapping[str, str] | None = None) -> str:
    return Sources(root, {}, env or {}).fetch(wanted).value


def refusal(root: Path, wanted: Secret, env: Mapping[str, str] | None = None) -> SecretError:
    with pytest.raises(SecretError) as caught:
        fetch(root, wanted, env)
    assert caught.value.place == PLACE
    assert caught.value.hint
    return caught.value


def test_a_value_comes_from_its_variable() -> None:
    secrets = [secret("api_key", variable="API_KEY"), secret("TOKEN")]
    env = {"API_KEY": "hunter22", "TOKEN": "tttt"}
    assert resolve(secrets, env) == {"api_key": "hunter22", "TOKEN": "tttt"}
    assert withheld_variables(secrets) == {"API_KEY", "TOKEN"}


def test_only_variables_are_looked_up_when_a_workflow_starts() -> None:
    secrets = [secret("key", "file", path="/no/such"), secret("TOKEN")]
    assert resolve(secrets, {"TOKEN": "tttt"}) == {"TOKEN": "tttt"}


def test_steps_do_not_inherit_what_logs_in_to_vault() -> None:
    assert withheld_variables([secret("p", "vault", path="secret/p")]) == {
        "VAULT_TOKEN",
        "VAULT_SECRET_ID",
    }


@pytest.mark.parametrize(
    ("env", "message"),
    [
        (
            {},
            "secret `api_key` comes from the environment variable API_KEY, which is not set",
        ),
        (
            {"API_KEY": ""},
            "secret `api_key` comes from the environment variable API_KEY, which is empty",
        ),
        (
            {"API_KEY": "abc"},
            (
                "secret `api_key` (API_KEY) is shorter than 4 characters, "
                "too short to be masked in output"
            ),
        ),
    ],
)
def test_without_a_usable_value_the_error_says_what_to_set(
    env: dict[str, str], message: str
) -> None:
    with pytest.raises(SecretError) as caught:
        resolve([secret("api_key", variable="API_KEY")], env)
    assert caught.value.message == message
    assert caught.value.place == PLACE
    assert "abc" not in caught.value.hint


def test_what_no_process_can_be_handed_is_refused(tmp_path: Path) -> None:
    error = refusal(tmp_path, secret("K"), {"K": "x" * 100_001})
    assert error.message == (
        "secret `K` (K) is longer than 100000 bytes, more than a process can be handed"
    )


@pytest.mark.parametrize(
    ("content", "options", "value"),
    [
        (b"hunter22\n", {}, "hunter22"),
        (b"hunter22\r\n", {}, "hunter22"),
        (b"two\nlines\n\n", {}, "two\nlines\n"),
        (b"hunter22\n", {"strip": "false"}, "hunter22\n"),
        (b"\xff\xfe1234", {}, "\udcff\udcfe1234"),
    ],
)
def test_a_value_comes_from_a_file(
    tmp_path: Path, content: bytes, options: dict[str, str], value: str
) -> None:
    file = tmp_path / "key"
    file.write_bytes(content)
    file.chmod(0o600)
    for path in ("key", str(file), "~/key"):
        wanted = secret("key", "file", path=path, **options)
        assert fetch(tmp_path, wanted, {"HOME": str(tmp_path)}) == value


@pytest.mark.parametrize("mode", [0o604, 0o644, 0o602, 0o666])
def test_a_file_that_others_can_use_holds_no_secret(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "key"
    file.write_text("hunter22")
    file.chmod(mode)
    error = refusal(tmp_path, secret("key", "file", path="key"))
    assert error.message == (
        f"secret `key` comes from the file {file}, which can be used by every user of this machine "
        f"(mode {mode:04o})"
    )
    assert "chmod 600" in error.hint


def test_a_file_that_holds_no_value_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe", 0o600)
    for name, content in (("empty", "\n"), ("short", "abc"), ("long", "x" * 100_001)):
        (tmp_path / name).write_text(content)
        (tmp_path / name).chmod(0o600)
    found = {
        name: refusal(tmp_path, secret("key", "file", path=name)).message.partition(", ")[2]
        for name in ("absent", "folder", "pipe", "empty", "short", "long")
    }
    assert found == {
        "absent": "which cannot be read: No such file or directory",
        "folder": "which is not a file",
        "pipe": "which is not a file",
        "empty": "which is empty",
        "short": "too short to be masked in output",
        "long": "more than a process can be handed",
    }


PACKAGE = """
import os, sys, time

def keyring(name, options):
    print("noise on stdout")
    if options.get("fail"):
        raise SystemExit(3)
    return f"{name}-of-{options['service']}"
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """An installed package that offers the source `keyring`."""
    site = tmp_path / "site"
    info = site / "ring-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "ring.py").write_text(PACKAGE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: ring\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[orchestrate.secrets]\nkeyring = ring:keyring\n")
    monkeypatch.setattr(sys, "path", [str(site), *sys.path])
    return {"PYTHONPATH": os.pathsep.join((str(site), *filter(None, sys.path)))}


def test_a_package_offers_a_source(tmp_path: Path, package: dict[str, str]) -> None:
    wanted = secret("login", "keyring", service="db")
    assert check_sources([wanted]) == []
    assert fetch(tmp_path, wanted, package) == "login-of-db"


def test_a_source_that_fails_says_how_to_try_it(tmp_path: Path, package: dict[str, str]) -> None:
    error = refusal(tmp_path, secret("login", "keyring", fail="1", service="db"), package)
    assert error.message == ("the source `keyring` of the secret `login` ended with exit code 3")


def test_a_source_that_nobody_offers_is_found_before_anything_runs() -> None:
    (error,) = check_sources([secret("p", "keychain"), secret("q", "vault", path="a")])
    assert error.message == "secret `p` has the unknown source `keychain`"
    assert "environment, file, vault" in error.hint

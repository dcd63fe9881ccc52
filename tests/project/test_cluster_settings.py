"""`[engine.encryption]`: where keys are."""

import pytest

from orchestrate.project.fields import SettingsError
from orchestrate.project.settings import parse_settings

CLUSTER = '[engine]\nkind = "cluster"\naddress = "temporal:7233"\n'


def read(text: str):
    return parse_settings("orchestrate.toml", text.encode())


def test_keys_come_from_a_variable_or_a_file():
    by_variable = read(CLUSTER + '[engine.encryption]\nkey_variable = "KEYS"\n').cluster
    assert by_variable is not None
    assert (by_variable.encryption_variable, by_variable.encryption_file) == ("KEYS", None)
    by_file = read(CLUSTER + '[engine.encryption]\nkey_file = "keys.txt"\n').cluster
    assert by_file is not None
    assert (by_file.encryption_variable, by_file.encryption_file) == (None, "keys.txt")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            CLUSTER + '[engine.encryption]\nkey_variable = "A"\nkey_file = "b"\n',
            "encryption takes its keys from one place",
        ),
        (
            '[engine.encryption]\nkey_variable = "A"\n',
            "engine.encryption is for clusters only",
        ),
        (
            CLUSTER + '[engine.encryption]\nkey = "A"\n',
            "unknown key `engine.encryption.key`",
        ),
    ],
)
def test_what_is_wrong_there(text: str, message: str):
    with pytest.raises(SettingsError) as caught:
        read(text)
    assert message in str(caught.value)

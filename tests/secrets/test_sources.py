import pytest

from orchestrate.errors import Place
from orchestrate.playbook.plan import Secret
from orchestrate.secrets.sources import SecretError, environment_variables, resolve

PLACE = Place("playbooks/deploy.yaml", 4, 3)


def secret(name: str, source: str = "environment", **options: str) -> Secret:
    return Secret(name, source, options, PLACE)


def test_a_value_comes_from_its_variable() -> None:
    secrets = [secret("api_key", variable="API_KEY"), secret("TOKEN")]
    env = {"API_KEY": "hunter22", "TOKEN": "tttt"}
    assert resolve(secrets, env) == {"api_key": "hunter22", "TOKEN": "tttt"}
    assert environment_variables(secrets) == {"api_key": "API_KEY", "TOKEN": "TOKEN"}


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


def test_an_unknown_source_is_refused() -> None:
    with pytest.raises(SecretError, match="unknown source `vault`"):
        resolve([secret("password", "vault", path="/x")], {})

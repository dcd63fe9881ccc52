import pytest

from orchestrate.access.rights import EVERYTHING, ForbiddenError, Rights, Scope


def test_every_scope_may_look_and_admin_may_everything() -> None:
    run = Rights((Scope.RUN,))
    assert [run.has(scope) for scope in Scope] == [True, True, False, False]
    assert all(EVERYTHING.has(scope) for scope in Scope)


def test_limits_are_patterns() -> None:
    rights = Rights((Scope.RUN,), ("dev", "test-*"), ("deploy",))
    assert rights.reach("dev", "deploy")
    assert rights.reach("test-7", "deploy")
    assert not rights.reach("production", "deploy")
    assert not rights.reach("dev", "deploy-all")
    assert rights.reach(None, "deploy")


@pytest.mark.parametrize(
    ("scope", "environment", "playbook", "said"),
    [
        (Scope.ADMIN, "dev", "deploy", "this takes the scope `admin`"),
        (Scope.RUN, "production", "deploy", "this is in production"),
        (Scope.RUN, "dev", "drop", "this is about the playbook drop"),
    ],
)
def test_a_refusal_says_what_is_missing(
    scope: Scope, environment: str, playbook: str, said: str
) -> None:
    rights = Rights((Scope.RUN,), ("dev",), ("deploy",))
    with pytest.raises(ForbiddenError, match=said) as caught:
        rights.demand(scope, environment, playbook)
    assert caught.value.hint


def test_what_belongs_to_the_whole_project_takes_rights_without_limits() -> None:
    with pytest.raises(ForbiddenError, match="whole project") as caught:
        Rights((Scope.ADMIN,), ("dev",)).demand_everywhere(Scope.VIEW)
    assert caught.value.hint == "Your rights are limited to dev."
    EVERYTHING.demand_everywhere(Scope.ADMIN)

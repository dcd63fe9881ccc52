"""Jira: one issue for what fails, comments, resolutions, and what Jira says no with."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from vendors.jira import Jira
from vendors.notices import STEP, notice
from vendors.serving import GARBAGE, HALF, HANG, LOSE, REFUSE, Trouble, saying

from orchestrate.integrations.service import (
    Limits,
    Memory,
    OptionsError,
    Refused,
    RetryLater,
    Service,
)
from orchestrate.integrations.services import build

SHORT = Limits(connect=5.0, total=1.0)
PATIENT = Limits(connect=30.0, total=60.0)
LABEL = "orchestrate-shop-deploy-web-app-production-"


@pytest.fixture
def jira() -> Iterator[Jira]:
    server = Jira()
    server.start()
    yield server
    server.stop()


def service(server: Jira, limits: Limits = PATIENT, **options: Any) -> Service:
    login = {"url": server.address, "token": server.token}
    if server.cloud:
        login["user"] = server.user
    given = {"project": "OPS", "create_issue_on_failure": True, **login, **options}
    return build("jira", given, limits)


def failure(number: int, **changes: Any) -> Any:
    workflow = f"WF-2026-{number:03}"
    return notice("failure", workflow=workflow, key=f"{workflow}/17/jira", **changes)


def recovery(number: int) -> Any:
    workflow = f"WF-2026-{number:03}"
    return notice("recovery", workflow=workflow, key=f"{workflow}/30/jira")


def test_a_failure_makes_an_issue_that_can_be_read(jira: Jira) -> None:
    memory = service(jira, labels=["on call"]).deliver(failure(17), {})
    assert memory == {"issue": "OPS-1", "failed": 1}
    fields = jira.issues["OPS-1"]["fields"]
    assert fields["summary"] == "deploy-web-app failed in production: deploy/backend"
    assert fields["issuetype"] == {"name": "Task"}
    assert fields["labels"][0] == "orchestrate"
    assert fields["labels"][1].startswith(LABEL)
    assert fields["labels"][2] == "on-call"
    for part in (
        "*deploy-web-app failed in production*",
        "||Workflow|[WF-2026-017|https://ops.example.com/workflows/WF-2026-017]|",
        "||Took|2 m 23 s|",
        "*Failed step:* deploy/backend (4 attempts, exit code 2)",
        "{noformat}\npulling image 1.4.2\nerror: <registry> & mirror are gone\n",
        "# go on from there\norchestrate resume --workflow WF-2026-017\n{noformat}",
    ):
        assert part in fields["description"]


@pytest.mark.parametrize("cloud", [True, False])
@pytest.mark.parametrize("remembering", [True, False])
def test_ten_failures_make_one_issue_with_nine_comments(cloud: bool, remembering: bool) -> None:
    jira = Jira(cloud=cloud)
    jira.start()
    memory: Memory = {}
    for number in range(10):
        memory = service(jira).deliver(failure(number), memory if remembering else {})
    jira.stop()
    assert list(jira.issues) == ["OPS-1"]
    comments = [each["body"] for each in jira.issues["OPS-1"]["comments"]]
    assert len(comments) == 9
    counted = " (failure 10)" if remembering else ""
    assert comments[8].startswith(
        f"*It happened again{counted}: deploy-web-app failed in production*"
    )
    assert "WF-2026-009" in comments[8]
    assert memory["issue"] == "OPS-1"
    assert memory["failed"] == 10 or not remembering


def test_other_environments_and_playbooks_have_issues_of_their_own(jira: Jira) -> None:
    for key in ("shop/deploy/staging", "shop/deploy/production", 'shop/de"ploy\\/x'):
        for number in (1, 2):
            service(jira).deliver(failure(number, dedup_key=key), {})
    assert len(jira.issues) == 3


def test_when_it_passes_again_the_issue_is_told(jira: Jira) -> None:
    memory = service(jira).deliver(failure(1), {})
    memory = service(jira, resolve_on_success=False).deliver(recovery(2), memory)
    issue = jira.issues["OPS-1"]
    assert issue["comments"][0]["body"].startswith("*deploy-web-app works again*")
    assert issue["fields"]["status"]["name"] == "To Do"
    # Told once, not with every success that follows.
    asked = len(jira.asked)
    service(jira).deliver(notice("success", key="WF-2026-003/30/jira"), memory)
    assert len(jira.asked) == asked
    # And what fails anew is told in the issue that is still open.
    service(jira).deliver(failure(4), memory)
    assert len(issue["comments"]) == 2


def test_resolve_on_success_chooses_a_transition_that_means_done(jira: Jira) -> None:
    resolutions = {"required": True, "allowedValues": [{"name": "Won't Do"}, {"name": "Done"}]}
    jira.transitions = [
        ("11", "Start", "In Progress", {}),
        ("21", "Reject", "Won't Do", {}),
        ("31", "Needs a reason", "Done", {"customfield_1": {"required": True}}),
        ("41", "Finish", "Done", {"resolution": resolutions}),
    ]
    memory = service(jira).deliver(failure(1), {})
    memory = service(jira).deliver(recovery(2), memory)
    assert jira.issues["OPS-1"]["fields"]["status"]["name"] == "Done"
    assert jira.asked[-1].data == {
        "transition": {"id": 41},
        "fields": {"resolution": {"name": "Done"}},
    }
    # A new failure is a new issue, which names the one before.
    memory = service(jira).deliver(failure(3), memory)
    assert memory["issue"] == "OPS-2"
    assert jira.issues["OPS-2"]["fields"]["description"].endswith("\nEarlier: OPS-1")


def test_a_transition_by_its_name(jira: Jira) -> None:
    memory = service(jira).deliver(failure(1), {})
    wanted = service(jira, transition="start")
    wanted.deliver(recovery(2), memory)
    assert jira.issues["OPS-1"]["fields"]["status"]["name"] == "In Progress"
    nowhere = service(jira, transition="Ship it")
    with pytest.raises(
        Refused, match=r"OPS-1 was told, but not resolved: .*offered.*: Done, Start"
    ):
        nowhere.deliver(recovery(3), memory)
    assert len(jira.issues["OPS-1"]["comments"]) == 2


def test_a_success_that_is_told_again_changes_nothing(jira: Jira) -> None:
    memory = service(jira).deliver(failure(1), {})
    once = service(jira).deliver(recovery(2), memory)
    assert service(jira).deliver(recovery(2), memory) == once == {"earlier": "OPS-1"}
    assert len(jira.issues["OPS-1"]["comments"]) == 1


def test_without_the_right_to_resolve_a_comment_has_to_do(jira: Jira) -> None:
    memory = service(jira).deliver(failure(1), {})
    jira.may_transition = False
    service(jira).deliver(recovery(2), memory)
    assert len(jira.issues["OPS-1"]["comments"]) == 1


def test_an_issue_that_was_closed_or_deleted_is_followed_by_a_new_one(jira: Jira) -> None:
    memory = service(jira).deliver(failure(1), {})
    jira.issues["OPS-1"]["fields"]["status"] = {"statusCategory": {"key": "done"}}
    memory = service(jira).deliver(failure(2), memory)
    assert memory["issue"] == "OPS-2"
    del jira.issues["OPS-2"]
    jira.issues["OPS-0"] = jira.issues.pop("OPS-1")
    assert service(jira).deliver(failure(3), memory)["issue"] == "OPS-2"


def test_what_was_applied_before_the_connection_died_is_not_applied_again(jira: Jira) -> None:
    # The search comes first (the kind of Jira, its fields, the query), then the issue.
    jira.troubles = [None, None, None, LOSE]
    with pytest.raises(RetryLater) as later:
        service(jira).deliver(failure(1), {})
    assert later.value.after == 15.0
    assert list(jira.issues) == ["OPS-1"]
    memory = service(jira).deliver(failure(1), {})
    assert (list(jira.issues), jira.issues["OPS-1"]["comments"]) == (["OPS-1"], [])
    # The issue, its comments, then one more.
    jira.troubles = [None, None, LOSE]
    with pytest.raises(RetryLater):
        service(jira).deliver(failure(2), memory)
    service(jira).deliver(failure(2), memory)
    assert len(jira.issues["OPS-1"]["comments"]) == 1
    jira.troubles = [None, None, LOSE]
    with pytest.raises(RetryLater):
        service(jira).deliver(recovery(3), memory)
    service(jira).deliver(recovery(3), memory)
    assert len(jira.issues["OPS-1"]["comments"]) == 2
    assert jira.issues["OPS-1"]["fields"]["status"]["name"] == "Done"


def test_a_search_that_lags_behind_does_not_bring_back_what_is_done(jira: Jira) -> None:
    memory = service(jira).deliver(failure(1), {})
    memory = service(jira).deliver(recovery(2), memory)
    jira.lagging = True
    memory = service(jira).deliver(failure(3), memory)
    assert memory["issue"] == "OPS-2"
    assert len(jira.issues["OPS-1"]["comments"]) == 1


def test_what_jira_is_not_told(jira: Jira) -> None:
    for other in (notice("start"), notice("pause"), notice("approval"), notice("success")):
        assert service(jira).deliver(other, {}) == {}
    service(jira).deliver(failure(1, state="cancelled"), {})
    service(jira, create_issue_on_failure=False).deliver(failure(2), {})
    assert jira.asked == []


def test_nothing_that_a_step_prints_is_markup(jira: Jira) -> None:
    loud = STEP._replace(
        path="deploy[eu]/1", message="{color:red}x{color} [~anna] !http://x/a.png!",
        output="{noformat} h1. loud {noformat}\n" + "y" * 60_000,
    )  # fmt: skip
    service(jira).deliver(failure(1, failed=loud, playbook="p" * 300, reason="a\nb"), {})
    fields = jira.issues["OPS-1"]["fields"]
    text = fields["description"]
    assert text.count("{noformat}") == 4
    assert "\\{color:red\\}x\\{color\\} \\[\\~anna\\] \\!http://x/a.png\\!" in text
    assert text.rstrip().splitlines()[-1].startswith("Reported by orchestrate, ref-")


@pytest.mark.parametrize(
    ("trouble", "after", "why"),
    [
        (saying(429, "", {"Retry-After": "9"}), 9.0, "asks for patience"),
        (saying(503, "", {"Retry-After": "20"}), 20.0, "Jira has trouble (503)"),
        (saying(500, "<html>oops</html>"), None, "Jira has trouble (500)"),
        (GARBAGE, None, "not its own"),
        (saying(200, {"surprise": True}), None, "not Jira"),
        (saying(302, "", {"Location": "https://login.example.com"}), None, "leads elsewhere"),
        (REFUSE, None, "closed the connection"),
        (HALF, None, "closed the connection"),
    ],
)
def test_what_passes_is_tried_later(
    jira: Jira, trouble: Trouble, after: float | None, why: str
) -> None:
    # The second request of a failure that is remembered is for the comments of its issue.
    memory = service(jira).deliver(failure(1), {})
    jira.troubles = [None, trouble]
    asked = len(jira.asked)
    with pytest.raises(RetryLater) as later:
        service(jira).deliver(failure(2), memory)
    assert (later.value.after, why in later.value.why) == (after, True)
    assert len(jira.asked) == asked + 2
    assert jira.token not in later.value.why


def test_a_jira_that_hangs_or_never_ends_is_left_in_time(jira: Jira) -> None:
    jira.troubles = [HANG]
    began = time.monotonic()
    with pytest.raises(RetryLater, match="Jira did not answer in time"):
        service(jira, SHORT).deliver(failure(1), {})
    assert time.monotonic() - began < 60
    jira.troubles = [saying(200, '"' + "x" * 5_000_000)]
    with pytest.raises(RetryLater, match="not its own"):
        service(jira).deliver(failure(1), {})


def test_what_will_never_be_taken_is_refused_with_what_to_do(jira: Jira) -> None:
    for options, hint in (
        ({"token": "wrong"}, r"Jira refuses \(401\): it does not accept the login"),
        ({"project": "NOPE"}, r"\(400\): The value 'NOPE' does not exist for the field 'project'"),
        ({"issue_type": "Epic"}, r"\(400\): Specify a valid issue type"),
    ):
        with pytest.raises(Refused, match=hint) as refused:
            service(jira, **options).deliver(failure(1), {})
        assert jira.token not in refused.value.why
    jira.troubles = [saying(403, "", {"X-Authentication-Denied-Reason": "CAPTCHA_CHALLENGE"})]
    with pytest.raises(Refused, match=r"Create Issues.*CAPTCHA_CHALLENGE"):
        service(jira).deliver(failure(1), {})
    assert jira.issues == {}


def test_a_token_alone_is_a_personal_access_token() -> None:
    jira = Jira(cloud=False)
    jira.start()
    service(jira).deliver(failure(1), {})
    jira.stop()
    assert jira.asked[0].headers["authorization"] == "Bearer jira-test-token"
    assert "OPS-1" in jira.issues


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "has no `project`"),
        ({"project": "OPS"}, "nobody says where Jira is"),
        (
            {"project": "OPS", "url": "https://jira.example.com"},
            "nobody says how to log in to Jira",
        ),
        ({"project": "OPS", "url": "jira", "token": "t"}, "`url` of the jira integration"),
        (
            {"project": "OPS", "url": "https://x.atlassian.net", "token": "t"},
            "has a token, but no user",
        ),
        (
            {"project": "OPS", "url": "https://j", "token": "t", "resolve_on_success": "yes"},
            "`resolve_on_success` of the jira integration",
        ),
    ],
)
def test_options_that_cannot_work(options: Any, message: str) -> None:
    with pytest.raises(OptionsError) as wrong:
        build("jira", options, PATIENT)
    assert message in wrong.value.message
    assert wrong.value.hint

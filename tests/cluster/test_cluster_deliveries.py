"""Integrations tell other systems the same on one machine and on a cluster."""

import asyncio
import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cluster.conftest import Server
from cluster.preloaded import orchestrate
from cluster.replaying import replay
from cluster.test_cluster_schedules import Site
from polling import eventually
from this_year import YEAR
from vendors.datadog import Datadog
from vendors.hooks import SECRET, Hooks
from vendors.jira import Jira
from vendors.serving import HANG, LOSE, REFUSE, Vendor, saying
from vendors.slack import Slack

from orchestrate.app import open_app
from orchestrate.cluster import names
from orchestrate.cluster.connection import Address, connect
from orchestrate.launching.deliveries import STATES

PASSWORD = "canary-in-the-coal-mine"
STEPS = """
secrets:
  - {name: password, source: environment, variable: DB_PASSWORD}
parameters:
  - {name: works, type: boolean, default: false}
steps:
  - name: prepare
    command: /bin/true
  - name: copy
    env: {PASSWORD: "${secrets.password}"}
    shell: echo "logging in with $PASSWORD & <go>"; ${works}
"""
VENDORS = """
integrations:
  - {type: slack, webhook: "${SLACK_WEBHOOK}", events: [start, failure, success]}
  - {type: jira, project: OPS, create_issue_on_failure: true}
  - {type: datadog, api_key: "${DATADOG_API_KEY}", track_metrics: true}
"""
HOOKED = """
integrations:
  - {type: webhook, url: "${HOOK_URL}", secret: "${HOOK_SECRET}"}
"""


class Told:
    """A project with receivers. On a cluster a worker delivers, with variables of its own."""

    def __init__(self, site: Site, *, clustered: bool) -> None:
        self.site = site
        self.clustered = clustered
        self._servers: list[Vendor] = []
        self.variables: dict[str, str] = {}
        site.env["DB_PASSWORD"] = PASSWORD  # whoever runs a playbook has to have its secrets

    def receiver(self, vendor: Any) -> Any:
        self._servers.append(vendor)
        vendor.start()
        return vendor

    def hooks(self) -> Hooks:
        hooks = self.receiver(Hooks())
        self.variables |= {"HOOK_URL": f"{hooks.address}/hook", "HOOK_SECRET": SECRET}
        return hooks

    def ready(self) -> None:
        """Whoever delivers knows the variables; on a cluster nobody else does."""
        if self.clustered:
            self.site.worker(**self.variables)
        else:
            self.site.env |= self.variables

    def configure(self, text: str) -> None:
        with (self.site.root / "orchestrate.toml").open("a") as settings:
            settings.write(text)

    def run(self, playbook: str, *words: str) -> int:
        given = ["run", "--playbook", playbook, *words]
        done = orchestrate(given, self.site.root, self.site.env)
        assert "is off" not in done.stderr, done.stderr
        assert done.returncode in (0, 1), done.stderr
        return done.returncode

    def states(self) -> list[tuple[str, str, str]]:
        if not self.clustered:
            listed = self.site.json("deliveries", "--all")
            return [(one["key"], one["event"], one["state"]) for one in listed]
        with open_app(self.site.root, self.site.env).open_deliveries() as kept:
            return [(one.key, one.kind, one.state) for one in kept.find(STATES, 1000)]

    def settled(self, count: int) -> list[tuple[str, str, str]]:
        """All deliveries, once so many are there and none waits."""

        def settled() -> list[tuple[str, str, str]] | None:
            states = self.states()
            is_settled = len(states) >= count and all(one[2] != "waiting" for one in states)
            return states if is_settled else None

        # A look is work for a machine that has to deliver.
        return eventually(settled, f"{count} deliveries", every=0.5)

    def close(self) -> None:
        for server in self._servers:
            server.stop()


@pytest.fixture
def make(server: Server, tmp_path: Path) -> Iterator[Callable[[bool], Told]]:
    made: list[Told] = []

    def build(clustered: bool) -> Told:
        site = Site(server, tmp_path)
        if not clustered:
            (tmp_path / "orchestrate.toml").write_text("")
        made.append(Told(site, clustered=clustered))
        return made[-1]

    yield build
    for told in made:
        told.site.close()
        told.close()


@pytest.fixture(params=[False, True], ids=["machine", "cluster"])
def told(request: pytest.FixtureRequest, make: Callable[[bool], Told]) -> Told:
    return make(request.param)


@pytest.fixture
def clustered(make: Callable[[bool], Told]) -> Told:
    return make(True)


def heads(slack: Slack) -> list[str]:
    return [each["blocks"][0]["text"]["text"] for each in slack.messages.values()]


def test_vendors_are_told_of_a_job_that_fails_twice_and_then_works(told: Told) -> None:
    slack, jira, datadog = (told.receiver(one()) for one in (Slack, Jira, Datadog))
    told.variables |= {
        "SLACK_WEBHOOK": slack.webhook, "DATADOG_API_KEY": datadog.key,
        "JIRA_URL": jira.address, "JIRA_USER": jira.user, "JIRA_TOKEN": jira.token,
    }  # fmt: skip
    told.configure(f'[integrations.datadog]\nurl = "{datadog.address}"\n')
    told.site.playbook("nightly", VENDORS + STEPS)
    told.ready()
    assert told.run("nightly") == 1
    each = len(told.settled(4))
    assert told.run("nightly") == 1
    told.settled(2 * each)
    assert told.run("nightly", "--parameters", "works=true") == 0
    assert {one[2] for one in told.settled(3 * each)} == {"delivered"}
    assert heads(slack) == [
        ":arrow_forward: *nightly started in dev*",
        ":x: *nightly failed in dev*",
        ":arrow_forward: *nightly started in dev*",
        ":x: *nightly failed in dev*",
        ":arrow_forward: *nightly started in dev*",
        ":white_check_mark: *nightly succeeded again in dev*",
    ]
    assert list(jira.issues) == ["OPS-1"]
    assert jira.issues["OPS-1"]["fields"]["status"]["name"] == "Done"
    titles = [one["title"] for one in datadog.events]
    assert titles == ["nightly failed in dev"] * 2 + ["nightly succeeded again in dev"]
    [message] = [
        one for one in slack.messages.values()
        if f"WF-{YEAR}-002" in one["text"] and "failed" in one["text"]
    ]  # fmt: skip
    assert "logging in with *** &amp; &lt;go&gt;" in message["text"]
    hidden = [PASSWORD, slack.hook, datadog.key, jira.token]
    for server in (slack, jira, datadog):
        assert not [asked for asked in server.asked if PASSWORD.encode() in asked.body]
    if told.clustered:
        address = told.site.address
        for identity in (f"WF-{YEAR}-001", names.DELIVERIES):
            assert replay(address, identity) > 10
            kept = asyncio.run(history(address, identity))
            assert "nightly" in kept
            assert not [word for word in hidden if word in kept]


def test_trouble_of_the_receiver_changes_neither_order_nor_number(told: Told) -> None:
    hooks = told.hooks()
    told.site.playbook("deploy", HOOKED + STEPS)
    told.ready()
    hooks.troubles = [LOSE, None, REFUSE]
    assert told.run("deploy", "--parameters", "works=true") == 0
    told.settled(2)
    assert told.run("deploy") == 1
    assert {one[2] for one in told.settled(4)} == {"delivered"}
    first, second = f"WF-{YEAR}-001", f"WF-{YEAR}-002"
    assert hooks.told == [
        (first, "start"), (first, "success"), (second, "start"), (second, "failure"),
    ]  # fmt: skip
    assert len(hooks.repeated) == 1  # the answer that was lost
    failure = next(body for body in hooks.seen.values() if body["event"] == "failure")
    assert failure["failed"]["output"] == "logging in with *** & <go>"
    assert (failure["project"], failure["environment"]) == (told.site.root.name, "dev")


def test_a_receiver_that_hangs_delays_no_playbook(told: Told) -> None:
    hooks = told.hooks()
    told.site.playbook("deploy", HOOKED + STEPS)
    told.ready()
    hooks.troubles = [HANG]
    assert told.run("deploy", "--parameters", "works=true") == 0
    eventually(lambda: hooks.asked, "the delivery")
    waiting = eventually(
        lambda: [one for one in [told.site.json("deliveries")] if len(one) == 2], "both"
    )[0]
    assert [(one["event"], one["state"]) for one in waiting] == [
        ("start", "waiting"),
        ("success", "waiting"),
    ]
    assert hooks.told == []


def test_what_is_refused_is_listed_tried_again_and_dropped(told: Told) -> None:
    hooks = told.hooks()
    told.site.playbook("deploy", HOOKED + STEPS)
    told.ready()
    hooks.troubles = [saying(404, "no such hook"), saying(410, "gone")]
    assert told.run("deploy", "--parameters", "works=true") == 0
    told.settled(2)
    start, success = told.site.json("deliveries")
    why = "the receiver answered 404 Not Found: no such hook"
    assert (start["state"], start["failed_attempts"], start["error"]) == ("refused", 1, why)
    assert "was not delivered" in told.site("doctor")
    assert told.site.json("deliveries", "--retry", start["key"]) == {"retried": 1}
    told.settled(2)
    assert told.site.json("deliveries", "--drop", success["key"]) == {"dropped": success["key"]}
    told.site("deliveries", "--drop", f"WF-{YEAR}-009/3/webhook", fails=3)
    told.site("deliveries", "--retry", start["key"], fails=5)
    assert told.site("deliveries") == "nothing waits to be delivered, and nothing failed\n"
    workflow = f"WF-{YEAR}-001"
    assert [one["state"] for one in told.site.json("deliveries", "--workflow", workflow)] == [
        "delivered",
        "dropped",
    ]
    assert hooks.told == [(workflow, "start")]


def test_what_waits_for_a_worker_or_its_variables_is_told_when_there_is_one(
    clustered: Told,
) -> None:
    hooks = clustered.hooks()
    clustered.site.playbook("deploy", HOOKED + STEPS)
    without = clustered.site.worker()
    assert clustered.run("deploy", "--parameters", "works=true") == 0
    held = eventually(
        lambda: [one for one in clustered.site.json("deliveries") if one["unset_variables"]],
        "an attempt",
    )
    assert held[0]["unset_variables"] == ["HOOK_URL"]
    without.send_signal(signal.SIGTERM)
    assert without.wait(120) == 0
    clustered.ready()
    assert {one[2] for one in clustered.settled(2)} == {"delivered"}
    assert [event for _, event in hooks.told] == ["start", "success"]
    assert replay(clustered.site.address, names.DELIVERIES) > 10


def test_a_worker_that_is_killed_while_it_delivers_loses_nothing(clustered: Told) -> None:
    hooks = clustered.hooks()
    clustered.site.playbook("deploy", HOOKED + STEPS)
    killed = clustered.site.worker(**clustered.variables)
    hooks.troubles = [HANG]
    assert clustered.run("deploy", "--parameters", "works=true") == 0
    eventually(lambda: hooks.asked, "the delivery")
    killed.kill()
    killed.wait()
    clustered.ready()
    assert {one[2] for one in clustered.settled(2)} == {"delivered"}
    assert [event for _, event in hooks.told] == ["start", "success"]
    assert replay(clustered.site.address, names.DELIVERIES) > 10


def test_the_keeper_is_made_again_when_somebody_ended_it(clustered: Told) -> None:
    hooks = clustered.hooks()
    clustered.site.playbook(
        "gated", HOOKED + "steps: [{name: gate, type: approval, message: Go on?}]\n"
    )
    clustered.ready()
    clustered.site("run", "--playbook", "gated", "--detach")
    clustered.settled(2)
    asyncio.run(terminate(clustered.site.address, names.DELIVERIES))
    clustered.site("approve", f"WF-{YEAR}-001")
    eventually(lambda: len(hooks.told) == 3, "the end")
    assert [event for _, event in hooks.told] == ["start", "approval", "success"]


def test_a_workflow_that_was_ended_from_outside_tells_nothing_twice(clustered: Told) -> None:
    hooks = clustered.hooks()
    clustered.site.playbook(
        "gated", HOOKED + "steps: [{name: gate, type: approval, message: Go on?}]\n"
    )
    clustered.ready()
    clustered.site("run", "--playbook", "gated", "--detach")
    clustered.settled(2)
    workflow = f"WF-{YEAR}-001"
    asyncio.run(terminate(clustered.site.address, workflow))
    clustered.site("resume", "--workflow", workflow, "--detach")
    clustered.site("approve", workflow)
    clustered.settled(3)
    assert [event for _, event in hooks.told] == ["start", "approval", "success"]
    assert hooks.repeated == []


async def terminate(address: Address, identity: str) -> None:
    client = await connect(address)
    await client.get_workflow_handle(identity).terminate()


async def history(address: Address, identity: str) -> str:
    """What Temporal keeps, decoded."""
    client = await connect(address)
    found = await client.get_workflow_handle(identity).fetch_history()
    kept = found.to_json()
    for event in json.loads(kept)["events"]:
        kept += "".join(map(str, decoded(event)))
    return kept


def decoded(part: Any) -> Iterator[bytes]:
    """All payloads in it."""
    import base64

    if isinstance(part, dict):
        if isinstance(part.get("data"), str) and "metadata" in part:
            yield base64.b64decode(part["data"])
        for value in part.values():
            yield from decoded(value)
    elif isinstance(part, list):
        for value in part:
            yield from decoded(value)

"""Events, where a daemon runs what waits for them."""

from typing import Any

from daemon.conftest import Site, eventually
from this_year import YEAR

LISTENING = """
steps:
  - name: built
    type: wait
    event: built
    filter: ${event.data.level} > 1
  - shell: echo ${built.output.id} >> effects
"""


def awaits(site: Site) -> Any:
    steps = site.json("status", "--workflow", f"WF-{YEAR}-001")["steps"]
    return steps and "awaits" in steps[0]


def emit(site: Site, identity: str, level: int) -> None:
    event = ("emit", "--source", "ci", "--event", "built", "--id", identity)
    site.ok(*event, "--data", f'{{"level": {level}}}')


def test_an_event_that_a_step_took_is_no_unmatched_one(site: Site) -> None:
    site.playbook("release", LISTENING)
    daemon = site.ready()
    site.ok("run", "--playbook", "release", "--detach")
    eventually(lambda: awaits(site), "the wait")
    emit(site, "kept-back", 1)
    lost = eventually(lambda: site.json("emit", "--list-unmatched"), "what nobody wanted")
    assert [one["event"]["id"] for one in lost] == ["kept-back"]
    assert lost[0]["reason"].startswith("no trigger waits for it")
    emit(site, "the-one", 2)
    eventually(lambda: site.lines() == ["the-one"], "the step after the wait")
    eventually(lambda: site.states() == ["succeeded"], "the end")
    assert [one["event"]["id"] for one in site.json("emit", "--list-unmatched")] == ["kept-back"]
    daemon.terminate()
    daemon.wait(120)


def test_an_event_between_two_daemons_is_taken_by_the_second(site: Site) -> None:
    site.playbook("release", LISTENING)
    daemon = site.ready()
    site.ok("run", "--playbook", "release", "--detach")
    eventually(lambda: awaits(site), "the wait")
    daemon.kill()
    daemon.wait()
    emit(site, "meanwhile", 2)
    site.ready()
    eventually(lambda: site.lines() == ["meanwhile"], "the step after the wait")


def test_an_event_may_start_one_workflow_and_be_what_another_waits_for(site: Site) -> None:
    trigger = "triggers: [{type: event, event: built}]\n"
    site.playbook("other", trigger + "steps: [{shell: echo started >> effects}]\n")
    site.playbook("release", LISTENING)
    site.ready()
    site.ok("run", "--playbook", "release", "--detach")
    eventually(lambda: awaits(site), "the wait")
    emit(site, "both", 2)
    eventually(lambda: sorted(site.lines()) == ["both", "started"], "both")

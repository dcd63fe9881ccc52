"""A daemon takes up what was left waiting, once it was approved or its time is over."""

from daemon.conftest import Site, eventually

GATED = """
steps:
  - {name: gate, type: approval, message: Go on?, TIME}
  - shell: echo went on >> effects
"""


def test_what_was_approved_goes_on(site: Site) -> None:
    site.playbook("gated", GATED.replace(", TIME", ""))
    assert site("run", "--playbook", "gated").returncode == 4
    site.ready()
    said = site.ok("approve")
    assert "the daemon goes on with it" in said
    eventually(lambda: site.lines() == ["went on"], "the step after the approval")
    eventually(lambda: site.states() == ["succeeded"], "the end")


def test_what_nobody_approves_in_time_ends(site: Site) -> None:
    site.playbook("gated", GATED.replace("TIME", "timeout: 3, on_timeout: reject"))
    # 1: the machine stood still until its time was over.
    assert site("run", "--playbook", "gated").returncode in (1, 4)
    site.ready()
    eventually(lambda: site.states() == ["failed"], "the end of its time")
    assert site.lines() == []

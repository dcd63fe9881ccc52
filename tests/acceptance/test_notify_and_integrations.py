"""An address that integrations use, too, still reaches `/notify`, and no other step."""

from tests.acceptance.conftest import Project
from this_year import YEAR
from vendors.serving import Reply, Request, Vendor

PLAYBOOK = """\
integrations:
  - {type: notify, url: "${TEAM_ADDRESS}", events: [approval]}
steps:
  - {name: tell, command: /notify team --severity info}
  - {name: look, shell: printenv TEAM_ADDRESS || echo withheld}
"""


class Team(Vendor):
    def answer(self, request: Request) -> Reply:
        return Reply(200, "ok")


def test_notify_gets_the_address_of_its_target(project: Project) -> None:
    team = Team()
    team.start()
    try:
        project.env["TEAM_ADDRESS"] = team.address.replace("http://", "json://")
        project.write("orchestrate.toml", '[notify.team]\nurl_variable = "TEAM_ADDRESS"\n')
        project.playbook("nightly", PLAYBOOK)
        project.ok("run", "--playbook", "nightly")
    finally:
        team.stop()
    assert [request.method for request in team.asked] == ["POST"]
    assert project.ok("logs", "--workflow", f"WF-{YEAR}-001", "--step", "look").out == "withheld\n"

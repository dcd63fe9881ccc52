"""What a daemon says on behalf of those who ask it."""

from pathlib import Path

from orchestrate.app import App
from orchestrate.daemon.desk import acting, log_all
from orchestrate.project.model import Project
from orchestrate.project.settings import DEFAULTS
from orchestrate.workflow.audit import Author


def test_what_requests_wait_for_and_what_goes_wrong_stands_in_the_log(tmp_path: Path):
    said: list[tuple[str, dict[str, object]]] = []
    app = App(Project(tmp_path, tmp_path / "state", DEFAULTS), {})
    log_all(app, lambda what, **fields: said.append((what, fields)))
    made = acting(app, Author("ada", {}))
    with made.open_engine() as engine:
        notice = engine.hosting.services.notice
        assert notice is not None
        notice("process 7 runs WF-2026-001 and has to answer")
        notice("")
    made.complain("the disk is slow")
    assert said == [
        ("waiting", {"reason": "process 7 runs WF-2026-001 and has to answer"}),
        ("trouble", {"reason": "the disk is slow"}),
    ]

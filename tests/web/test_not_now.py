"""What a server that ends says to those that come too late."""

import json
from pathlib import Path

import pytest

from orchestrate.app import open_app
from orchestrate.daemon.desk import NotNowError
from orchestrate.daemon.service import Daemon
from orchestrate.web.problems import of_error


def test_who_comes_while_the_daemon_ends_is_told_to_come_again(tmp_path: Path) -> None:
    (tmp_path / "playbooks").mkdir()
    daemon = Daemon(open_app(tmp_path, {}), lambda what, **fields: None)
    with pytest.raises(NotNowError) as refused:
        daemon.ask(lambda: "done")
    answer = of_error(refused.value)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    told = json.loads(bytes(answer.body))
    assert (told["code"], told["hint"]) == ("not-now", "Try again in a moment.")

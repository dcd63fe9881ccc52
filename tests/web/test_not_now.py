"""What a server that ends says to those that come too late, and to those that came just in time."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from polling import eventually
from web.conftest import Served, reach

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


class _Caller:
    """A connection that the daemon has taken, over which things are asked while it stands still."""

    def __init__(self, served: Served, token: str) -> None:
        self._daemon = served.daemon
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._connection = http.client.HTTPConnection(served.address, timeout=120)
        self.ask("GET", "/workflows?limit=1")
        assert self.answer()[0] == 200

    def ask(self, method: str, url: str, **body: str) -> None:
        given = json.dumps(body) if body else None
        self._connection.request(method, f"/api/v1{url}", given, self._headers)

    def answer(self) -> tuple[int, dict[str, str], str | None]:
        found = self._connection.getresponse()
        return found.status, json.loads(found.read()), found.getheader("Retry-After")

    def ask_at_the_end(self, url: str, **body: str) -> None:
        """The daemon has taken a request, and finds its body and the signal to end at the same
        moment.
        """
        assert self._daemon is not None
        pid, text = self._daemon.pid, json.dumps(body).encode()
        self._connection.putrequest("POST", f"/api/v1{url}")
        about = {**self._headers, "Content-Length": str(len(text)), "Expect": "100-continue"}
        for name, value in about.items():
            self._connection.putheader(name, value)
        self._connection.endheaders()
        expected = b"HTTP/1.1 100"
        assert (
            self._connection.sock.recv(len(expected), socket.MSG_PEEK | socket.MSG_WAITALL)
            == expected
        )
        os.kill(pid, signal.SIGSTOP)
        os.waitpid(pid, os.WUNTRACED)
        self._connection.send(text)
        os.kill(pid, signal.SIGTERM)
        os.kill(pid, signal.SIGCONT)

    def close(self) -> None:
        self._connection.close()


def _long(served: Served) -> Path:
    """A playbook whose step ends when somebody writes into the pipe."""
    fifo = served.root / "fifo"
    os.mkfifo(fifo)
    text = f"name: long\nsteps:\n  - shell: cat {fifo}\n  - shell: echo over\n"
    (served.root / "playbooks/long.yaml").write_text(text)
    return fifo


def test_what_was_asked_before_the_end_is_answered_and_done(own: Served) -> None:
    """The daemon itself runs the workflow: nobody else can answer for it."""
    fifo = _long(own)
    own.start()
    token = own.token("admin", "--scope", "admin")
    admin = own.client(token)
    workflow = str(admin.post("/workflows", json={"playbook": "long"}).json()["id"])
    reach(admin, workflow, "running")
    with closing(_Caller(own, token)) as caller:
        caller.ask_at_the_end(f"/workflows/{workflow}/pause", reason="not now")
        status, told, _ = caller.answer()
    assert status == 202, told
    assert own.daemon is not None
    assert own.daemon.wait(60) == 0
    own.start()
    fifo.write_text("go on\n")
    reach(own.client(token), workflow, "paused")


def test_who_cannot_be_answered_before_the_end_is_told_so(own: Served) -> None:
    """The workflow's engine stands still, so that nobody answers for it."""
    _long(own)
    own.start()
    token = own.token("admin", "--scope", "admin")
    admin = own.client(token)
    engine = subprocess.Popen(
        [sys.executable, "-m", "orchestrate", "run", "--playbook", "long"], cwd=own.root,
        env=own.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        (found,) = eventually(lambda: admin.get("/workflows?state=running").json()["items"], "it")
        os.kill(engine.pid, signal.SIGSTOP)
        os.waitpid(engine.pid, os.WUNTRACED)
        with closing(_Caller(own, token)) as caller:
            caller.ask_at_the_end(f"/workflows/{found['id']}/cancel", reason="why not")
            status, told, again = caller.answer()
        assert (status, again) == (503, "5"), told
        assert told["detail"] == "the daemon ended before there was an answer"
        assert own.daemon is not None
        assert own.daemon.wait(60) == 0
        os.kill(engine.pid, signal.SIGCONT)
        assert engine.wait(60) != 0
    finally:
        engine.kill()
        engine.wait()
    (there,) = json.loads(own("status", "--all", "--json"))
    assert there["state"] == "cancelled"  # what was asked was done after all

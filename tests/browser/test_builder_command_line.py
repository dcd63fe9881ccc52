"""`create --interactive --visual` on a real terminal: the link that it shows, what it serves."""

import json
import os
import re
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pexpect
import pytest
from polling import eventually

STEPS = "steps:\n  - {name: a, shell: echo a}\n"
WORDS = [sys.executable, "-m", "orchestrate"]


class Project:
    """A folder with playbooks, and whoever sits at a terminal there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "playbooks").mkdir()
        away = ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY", "NO_COLOR")
        self.env = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("ORCHESTRATE_") and name not in away
        }
        self.children: list[Any] = []

    def on_a_terminal(self, *words: str, **env: str) -> Any:
        child = pexpect.spawn(
            WORDS[0], [*WORDS[1:], "create", "--interactive", "--visual", *words],
            cwd=str(self.root), env={**self.env, "TERM": "xterm", **env}, encoding="utf-8",
            timeout=120, dimensions=(40, 300),
        )  # fmt: skip
        self.children.append(child)
        return child

    def plain(self, *words: str, **env: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*WORDS, *words], cwd=self.root, env={**self.env, **env}, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip

    def close(self) -> None:
        for child in self.children:
            if child.isalive():
                child.sendintr()
                child.expect(pexpect.EOF)
            child.close(force=True)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project(tmp_path)
    yield made
    made.close()


def link_of(child: Any) -> str:
    child.expect(r"(http://127\.0\.0\.1:\d+/console/[^\s\x1b]*#code=orc_[\w-]+)\r?\n")
    return str(child.match[1])


@contextmanager
def signed_in(link: str) -> Iterator[httpx.Client]:
    parts = urlsplit(link)
    base = f"http://{parts.netloc}/api/v1"
    with httpx.Client(base_url=base, timeout=120, trust_env=False) as client:
        answer = client.post("/session", json={"code": parts.fragment.removeprefix("code=")})
        assert answer.status_code == 201, answer.text
        client.headers["X-CSRF-Token"] = answer.json()["csrf"]
        yield client


def ended(child: Any) -> int:
    child.sendintr()
    child.expect(pexpect.EOF)
    child.close()
    return int(child.exitstatus)


def test_it_serves_the_builder_until_it_is_interrupted(project: Project) -> None:
    child = project.on_a_terminal("--name", "fresh", "--description", "does it & more")
    link = link_of(child)
    parts = urlsplit(link)
    assert parts.path == "/console/build"
    assert parts.query == "name=fresh&description=does%20it%20%26%20more"
    child.expect_exact("until Ctrl+C")
    with signed_in(link) as client:
        new = {"If-None-Match": "*", "Origin": f"http://{parts.netloc}"}
        saved = client.put("/playbooks/fresh/source", content=STEPS, headers=new)
        assert saved.status_code == 201, saved.text
        child.expect_exact("saved playbooks/fresh.yaml")
    assert ended(child) == 0
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", parts.port or 0), timeout=120)


def test_a_link_is_good_once(project: Project) -> None:
    child = project.on_a_terminal()
    link = link_of(child)
    assert urlsplit(link).path == "/console/build"
    with signed_in(link):
        pass
    code = urlsplit(link).fragment.removeprefix("code=")
    again = httpx.post(
        f"http://{urlsplit(link).netloc}/api/v1/session", json={"code": code}, trust_env=False,
        timeout=120,
    )  # fmt: skip
    assert again.status_code == 401


def test_a_browser_is_led_there_without_the_code_being_seen(project: Project) -> None:
    browser = project.root / "browser"
    browser.write_text('#!/bin/sh\necho "$@" > "$0.called.new"; mv "$0.called.new" "$0.called"\n')
    browser.chmod(0o755)
    child = project.on_a_terminal("--name", "fresh", BROWSER=f"{browser} %s")
    link = link_of(child)
    called = project.root / "browser.called"
    eventually(called.exists, "the browser")
    url = called.read_text().strip()
    assert url.startswith("file://")
    assert "orc_" not in url
    file = Path(url.removeprefix("file://"))
    assert link.split("#")[1] in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    child.expect_exact("until Ctrl+C")
    assert ended(child) == 0
    assert not file.exists()


def test_a_playbook_from_a_template_is_made_and_then_edited(project: Project) -> None:
    child = project.on_a_terminal("--name", "tidy", "--template", "maintenance")
    child.expect_exact("made playbooks/tidy.yaml")
    assert urlsplit(link_of(child)).path == "/console/playbooks/tidy/edit"
    assert (project.root / "playbooks" / "tidy.yaml").exists()
    other = project.on_a_terminal("--name", "tidy", "--template", "blank")
    other.expect_exact("tidy")
    other.expect(pexpect.EOF)
    other.close()
    assert other.exitstatus == 5


def test_of_a_template_without_a_name_the_builder_asks_for_it(project: Project) -> None:
    child = project.on_a_terminal("--template", "recovery", "--description", "brings it back")
    parts = urlsplit(link_of(child))
    assert parts.path == "/console/build"
    assert parts.query == "description=brings%20it%20back&template=recovery"
    assert list((project.root / "playbooks").iterdir()) == []


def test_a_server_that_runs_is_used_and_left_alone(project: Project) -> None:
    (project.root / "playbooks" / "there.yaml").write_text(STEPS)
    log = project.root / "log"
    with log.open("wb") as stream:
        server = subprocess.Popen(
            [*WORDS, "serve", "--listen", "127.0.0.1:0", "--log-format", "json"],
            cwd=project.root, env=project.env, stdin=subprocess.DEVNULL, stderr=stream,
        )  # fmt: skip
    try:
        eventually(lambda: '"what": "serving"' in log.read_text(), "a server")
        listening = next(one for one in log.read_text().splitlines() if "listening" in one)
        child = project.on_a_terminal("--name", "there")
        link = link_of(child)
        child.expect(pexpect.EOF)
        child.close()
        assert child.exitstatus == 0
        assert link.startswith(
            f"http://{json.loads(listening)['address']}/console/playbooks/there/edit#code="
        )
        with signed_in(link):
            pass
        linked = project.plain("token", "link").stdout
        assert linked.startswith(f"http://{json.loads(listening)['address']}/console/#code=")
        assert server.poll() is None
    finally:
        server.terminate()
        server.wait(120)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--force", "--name", "x"], "--force does not go with --visual"),
        (["--validate", "--name", "x"], "--validate does not go with --visual"),
        (["--name", "x/../y"], "x/../y"),
    ],
)
def test_what_does_not_go_together_is_said(project: Project, words: list[str], said: str) -> None:
    child = project.on_a_terminal(*words)
    child.expect_exact(said)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 2


def test_without_a_terminal_or_the_console_it_says_what_to_do(project: Project) -> None:
    refused = project.plain("create", "--interactive", "--visual")
    assert refused.returncode == 2
    assert "nobody is there" in refused.stderr
    hidden = project.root / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text("import sys\nsys.modules['fastapi'] = None\n")
    child = project.on_a_terminal(PYTHONPATH=str(hidden))
    child.expect_exact("pip install 'aither-orchestrate[web]'")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 2


def test_without_the_api_it_says_so(project: Project) -> None:
    (project.root / "orchestrate.toml").write_text("[serve]\napi = false\n")
    child = project.on_a_terminal()
    child.expect(re.escape("`api = false` under [serve]"))
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 2

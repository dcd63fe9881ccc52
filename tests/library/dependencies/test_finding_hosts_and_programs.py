"""What is taken for a host or a program in the words and shell texts of a playbook."""

import contextlib
import socket
import time
from collections.abc import Iterator

import pytest

from orchestrate.errors import Place
from orchestrate.library.dependencies.answering import ask
from orchestrate.library.dependencies.calling import first_program
from orchestrate.library.dependencies.model import Endpoint
from orchestrate.library.dependencies.urls import endpoints, endpoints_in
from orchestrate.playbook.compile import compile_playbook

HERE = Place("p.yaml", 1, 1)


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("https://example.com/x?y=1", [("example.com", 443)]),
        ("http://127.0.0.1:8080", [("127.0.0.1", 8080)]),
        ("curl -fsS 'https://a.example/x' && curl http://b.example:81", [
            ("a.example", 443), ("b.example", 81)]),
        ("postgres://ada:pw@db.internal/app", [("db.internal", 5432)]),
        ("http://[::1]:9000/x", [("::1", 9000)]),
        ("nc -z db.example.com:5432", [("db.example.com", 5432)]),
        ("--server=localhost:6379", [("localhost", 6379)]),
        ("https://${host}/x", []),
        ("https://api.${zone}/x", []),
        ("https://\0/x", []),
        ("image:1.2.3 12:30 a:b key: value", []),
        ("registry/app.tar:8080x", []),
    ],
)  # fmt: skip
def test_hosts_that_stand_literally_in_a_text(text: str, hosts: list[tuple[str, int]]) -> None:
    assert [(each.host, each.port) for each in endpoints_in(text, HERE)] == hosts


@pytest.mark.parametrize(
    ("command", "hosts"),
    [
        ("ssh ada@web-1 uptime", [("web-1", 22)]),
        ("rsync -a out/ ada@web-1.example.com:/srv", [("web-1.example.com", 22)]),
        ("./mail ada@example.com", []),
        ("curl https://api.${zone}.example/x", []),
        ("curl https://api.example/${zone}", [("api.example", 443)]),
    ],
)
def test_hosts_of_commands(command: str, hosts: list[tuple[str, int]]) -> None:
    text = f"parameters: [{{name: zone}}]\nsteps:\n  - command: {command}\n"
    plan = compile_playbook("p.yaml", text.encode(), lambda _name: None)
    assert [(each.host, each.port) for each in endpoints(plan.steps[0], HERE)] == hosts


@pytest.mark.parametrize(
    ("source", "program"),
    [
        ("kubectl get pods", "kubectl"),
        ("set -e\n# why\ncd /srv\n./build all", "./build"),
        ("gzip<x", None),
        ("gzip; ls", "gzip"),
        ("test -e x && make", None),
        ("for x in a; do make; done", None),
        ("NAME=1 make", None),
        ('"$TOOL" x', None),
        ("f() { ls; }\nf", None),
        ("if true; then ls; fi", None),
        ("${tool} x", None),
        ("# nothing", None),
    ],
)
def test_the_program_that_a_shell_text_evidently_starts_with(
    source: str, program: str | None
) -> None:
    assert first_program(source) == program


@pytest.fixture
def silent() -> Iterator[list[int]]:
    """Ports where connections are neither taken nor refused: their queues are full."""
    with contextlib.ExitStack() as stack:
        ports: list[int] = []
        for _ in range(20):
            server = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
            address = server.getsockname()
            for _ in range(8):
                client = stack.enter_context(socket.socket())
                client.setblocking(False)
                with contextlib.suppress(BlockingIOError):
                    client.connect(address)
            ports.append(address[1])
        yield ports


def test_hosts_that_do_not_answer_are_waited_for_at_once(silent: list[int]) -> None:
    silent_ones = [Endpoint("127.0.0.1", port, "queue", HERE) for port in silent]
    begun = time.monotonic()
    found = ask(silent_ones, 2.0)
    assert time.monotonic() - begun < 32  # one after another it would be forty
    assert {(each.status, each.detail) for each in found} == {("missing", "no answer within 2 s")}


def test_a_host_is_asked_once_however_often_it_is_named(silent: list[int]) -> None:
    twice = [Endpoint("127.0.0.1", silent[0], name, HERE) for name in ("a", "b")]
    assert [each.name for each in ask(twice, 0.05)] == ["a"]

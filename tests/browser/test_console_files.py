"""The console's files, as the server gives them out."""

import asyncio
import gzip
from pathlib import Path
from typing import Any

import pytest

from orchestrate.web.console import Console

PAGE = b"<!doctype html><title>orchestrate</title>"
SCRIPT = b"console.log('orchestrate');" * 20


class Answer:
    def __init__(self, messages: list[dict[str, Any]]) -> None:
        self.status: int = messages[0]["status"]
        self.headers = {
            name.decode(): value.decode() for name, value in messages[0].get("headers", ())
        }
        self.body = b"".join(message.get("body", b"") for message in messages[1:])


def ask(console: Console, path: str, method: str = "GET", **headers: str) -> Answer:
    messages: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        messages.append(message)

    scope = {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(),
        "query_string": b"", "scheme": "http", "server": ("127.0.0.1", 80),
        "headers": [(n.replace("_", "-").encode(), v.encode()) for n, v in headers.items()],
    }  # fmt: skip
    asyncio.run(console(scope, receive, send))
    return Answer(messages)


@pytest.fixture
def console(tmp_path: Path) -> Console:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_bytes(PAGE)
    (tmp_path / "assets/index-aB3.js").write_bytes(SCRIPT)
    return Console(tmp_path)


@pytest.mark.parametrize("path", ["/console/", "/console/workflows/WF-2026-001", "/console/../x"])
def test_every_page_is_the_one_document(console: Console, path: str) -> None:
    answer = ask(console, path)
    assert (answer.status, answer.body) == (200, PAGE)
    assert answer.headers["cache-control"] == "no-cache"


def test_nothing_from_elsewhere_and_nothing_inline_is_let_in(console: Console) -> None:
    policy = ask(console, "/console/").headers["content-security-policy"]
    assert policy == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def test_a_file_with_a_digest_in_its_name_is_kept_for_ever(console: Console) -> None:
    answer = ask(console, "/console/assets/index-aB3.js")
    assert answer.body == SCRIPT
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"].startswith("text/javascript")


def test_a_file_that_is_not_there_is_no_page(console: Console) -> None:
    assert ask(console, "/console/assets/index-old.js").status == 404


def test_it_is_compressed_for_whoever_can_read_that(console: Console) -> None:
    answer = ask(console, "/console/assets/index-aB3.js", accept_encoding="gzip, br")
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(answer.body) == SCRIPT


def test_who_has_it_already_is_not_sent_it_again(console: Console) -> None:
    tag = ask(console, "/console/").headers["etag"]
    answer = ask(console, "/console/", if_none_match=tag)
    assert (answer.status, answer.body) == (304, b"")


def test_nothing_can_be_sent_to_it(console: Console) -> None:
    assert ask(console, "/console/", "POST").status == 405


def test_a_console_that_was_not_built_says_how(tmp_path: Path) -> None:
    answer = ask(Console(tmp_path), "/console/")
    assert answer.status == 503
    assert b"make console" in answer.body

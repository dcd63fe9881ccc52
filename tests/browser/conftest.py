"""A project, the server that offers its console, and a browser that looks at it.

Without Chromium, or without the console's built files, the tests of its pages are left out:
`scripts/console.sh build chromium` brings both, and `make test` calls it.
"""

import shutil
from collections.abc import Iterator

import pytest
from browser.benching import Bench
from browser.visiting import AXE, Site, Visitor
from playwright.sync_api import Browser, StorageState, expect, sync_playwright

from orchestrate.web.console import STATIC

expect.set_options(timeout=60_000)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
if CHROMIUM is None or not (STATIC / "index.html").exists() or not AXE.exists():
    collect_ignore = [
        "test_console_pages.py", "test_console_looks.py", "test_console_project.py",
        "test_console_trust.py",
    ]  # fmt: skip
    collect_ignore_glob = ["test_builder*.py", "test_graph*.py"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = Site(tmp_path_factory.mktemp("console"))
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def token(site: Site) -> str:
    return site.token("night-shift", "--scope", "admin")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-background-networking", "--disable-gpu"],
        )
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def session(site: Site, browser: Browser, token: str) -> StorageState:
    """What a browser keeps of somebody who signed in: once is enough for the tests of a file."""
    context = browser.new_context()
    Visitor(site, context).sign_in(token)
    kept = context.storage_state()
    context.close()
    return kept


@pytest.fixture
def stranger(site: Site, browser: Browser) -> Iterator[Visitor]:
    """Somebody who is not signed in."""
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    yield Visitor(site, context)
    context.close()


@pytest.fixture
def operator(site: Site, browser: Browser, session: StorageState) -> Iterator[Visitor]:
    """Somebody who may do everything, and looks at the workflows."""
    context = browser.new_context(viewport={"width": 1280, "height": 860}, storage_state=session)
    visitor = Visitor(site, context)
    visitor.go("/").get_by_role("heading", name="Workflows").wait_for()
    yield visitor
    context.close()


@pytest.fixture(scope="module")
def workshop(site: Site) -> Site:
    """A project with the commands that the builder's playbooks call."""
    folder = site.root / "commands"
    folder.mkdir(exist_ok=True)
    for name in ("infra", "backup", "test"):
        command = folder / name
        command.write_text('#!/bin/sh\necho "$@"\n')
        command.chmod(0o755)
    return site


@pytest.fixture
def bench(workshop: Site, operator: Visitor) -> Bench:
    assert workshop is operator.site
    return Bench(operator)

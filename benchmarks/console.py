"""How long the console takes to be there: Chromium, the built files, a real server on loopback."""

import re
import shutil
import signal
import statistics
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks.project import Project

_TIMES = 11
_READY = "() => document.querySelector('tbody tr') !== null && !document.querySelector('.loading')"
_TIMING = """() => ({
  painted: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN,
  bytes: performance.getEntriesByType("resource").reduce((sum, one) => sum + one.transferSize, 0),
  requests: performance.getEntriesByType("resource").length,
})"""


class Loaded(NamedTuple):
    """Medians over loads with an empty cache, in seconds; what one load fetched."""

    painted: float
    read: float
    """Until the list stood there with its rows."""
    requests: int
    kilobytes: float


def measure(project: Project) -> Loaded | None:
    """Load the first page again and again; None where there is no Chromium or no console."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    if chromium is None or not _is_built():
        return None
    for _ in range(20):
        project.run("one")
    token = str(project.read("token", "create", "--name", "bench", "--scope", "admin")["token"])
    with _served(project) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        first = browser.new_context()
        page = first.new_page()
        page.goto(f"{address}/console/")
        page.get_by_label("Token").fill(token)
        page.get_by_role("button", name="Sign in").click()
        page.locator("tbody tr").first.wait_for()
        session = first.storage_state()
        painted: list[float] = []
        read: list[float] = []
        found = {"requests": 0, "bytes": 0}
        for _ in range(_TIMES):
            context = browser.new_context(storage_state=session)
            page = context.new_page()
            begun = time.perf_counter()
            page.goto(f"{address}/console/workflows")
            while not page.evaluate(_READY):
                time.sleep(0.005)
            read.append(time.perf_counter() - begun)
            found = page.evaluate(_TIMING)
            painted.append(found["painted"] / 1000)
            context.close()
        browser.close()
    return Loaded(
        statistics.median(painted), statistics.median(read), found["requests"],
        found["bytes"] / 1000,
    )  # fmt: skip


def _is_built() -> bool:
    from orchestrate.web.console import STATIC

    return (STATIC / "index.html").exists()


@contextmanager
def _served(project: Project) -> Generator[str]:
    log = Path(project.folder) / "serve.log"
    with log.open("wb") as written:
        server = subprocess.Popen(
            [project.program, "serve", "--listen", "127.0.0.1:0"], cwd=project.folder,
            env=project.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=written,
        )  # fmt: skip
    try:
        yield f"http://{_address(server, log)}"
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()


def _address(server: "subprocess.Popen[bytes]", log: Path) -> str:
    while server.poll() is None:
        found = re.search(r"127\.0\.0\.1:[1-9]\d*", log.read_text())
        if found is not None:
            return found[0]
        time.sleep(0.05)
    raise SystemExit(f"the server did not start:\n{log.read_text()}")

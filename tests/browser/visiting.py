"""Somebody with a browser, and the project whose console that looks at."""

import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page
from polling import eventually

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "build/screenshots"
AXE = ROOT / "web-ui/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
"""What axe looks for."""
MODES = {
    "light": {"viewport": {"width": 1280, "height": 860}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1280, "height": 860}, "color_scheme": "dark"},
    "narrow": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
}
PATIENCE = 60_000
"""Milliseconds that a page may take; generous, as the machine that runs the tests may be busy."""

PLAYBOOKS = {
    "quick": """
description: "Ends at once; <b>not bold</b>"
parameters:
  - {name: version, required: true, description: which one}
  - {name: count, type: integer, default: 3}
steps:
  - {name: say, command: "echo version ${version}"}
""",
    "mended": """
description: Fails until the file `mended` is there
steps:
  - {name: first, command: echo first}
  - {name: second, shell: "echo '<script>alert(1)</script>'; test -e mended"}
  - {name: third, command: echo third}
""",
    "asking": """
steps:
  - name: release
    type: approval
    message: Release it?
    inputs:
      - {name: share, type: integer, required: true, description: percent of the traffic}
  - {name: done, command: "echo ${release.output.share} percent"}
""",
    "waiting": """
steps:
  - {name: hold, shell: "until test -e go-on; do sleep 0.05; done"}
  - {name: after, command: echo after}
""",
    "cleaning": """
steps:
  - {name: work, shell: "sleep 300"}
finally:
  - {name: tidy, shell: "sleep 300 && touch tidied"}
""",
    "many": """
variables: {items: "${range(3000)}"}
steps:
  - name: each
    type: foreach
    items: ${items}
    as: item
    steps:
      - {name: check, type: assert, condition: "${item} >= 0"}
""",
}


class Site:
    """A project in a folder of its own, and the server for it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.address = ""
        self._port = 0
        self._server: subprocess.Popen[bytes] | None = None
        (root / "playbooks").mkdir()
        for name, text in PLAYBOOKS.items():
            (root / f"playbooks/{name}.yaml").write_text(f"name: {name}\n{text.lstrip()}")

    def __call__(self, *words: str, code: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "orchestrate", *words], cwd=self.root, capture_output=True,
            text=True, check=False, stdin=subprocess.DEVNULL, timeout=120,
        )  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def token(self, name: str, *words: str) -> str:
        found = re.search(r"orc_\S+", self("token", "create", "--name", name, *words))
        assert found
        return found[0]

    def link(self) -> str:
        found = re.search(r"#code=\S+", self("token", "link"))
        assert found
        return f"{self.address}/console/{found[0]}"

    def start(self) -> None:
        """Start the server, the second time where it was the first time."""
        log = self.root / "log"
        with log.open("wb") as written:
            self._server = subprocess.Popen(
                [sys.executable, "-m", "orchestrate", "serve", "--listen",
                 f"127.0.0.1:{self._port}"],
                cwd=self.root, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=written,
            )  # fmt: skip
        found = eventually(
            lambda: re.search(rb"127\.0\.0\.1:([1-9]\d*)", log.read_bytes()), "a server"
        )
        self._port = int(found[1])
        self.address = f"http://127.0.0.1:{self._port}"

    def stop(self) -> None:
        if self._server is None:
            return
        self._server.send_signal(signal.SIGTERM)
        try:
            self._server.wait(120)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()
        self._server = None


class Visitor:
    """Somebody with a browser, who is signed in."""

    def __init__(self, site: Site, context: BrowserContext) -> None:
        self.site = site
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._heard)

    def _heard(self, message: Any) -> None:
        # An answer of 4xx stands in the browser's console; what is wrong with the page does, too.
        if message.type == "error" and "status of" not in message.text:
            self.complaints.append(message.text)

    def go(self, path: str) -> Page:
        self.page.goto(f"{self.site.address}/console{path}")
        return self.page

    def turn_to(self, path: str) -> Page:
        """Another page of the console that is open, as by a link: nothing is loaded anew."""
        went = "dispatchEvent(new PopStateEvent('popstate'))"
        self.page.evaluate(
            f"to => {{ history.pushState(null, '', to); {went} }}", f"/console{path}"
        )
        return self.page

    def sign_in(self, token: str) -> Page:
        page = self.go("/")
        page.get_by_label("Token").fill(token)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("heading", name="Workflows").wait_for()
        return page

    def flaws(self, name: str) -> list[str]:
        """What axe finds on the page that is open, and whether it is wider than the screen."""
        if self.page.evaluate("typeof axe") == "undefined":
            self.page.evaluate(AXE.read_text())
        answer = self.page.evaluate(
            "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES
        )
        found = [f"{name}: {one['id']} {one['nodes'][0]['target']}" for one in answer["violations"]]
        wide = self.page.evaluate("document.documentElement.scrollWidth > innerWidth")
        return [*found, *([f"{name}: wider than the screen"] if wide else [])]

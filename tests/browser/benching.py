"""The builder's page, by its parts, for tests."""

import re
from pathlib import Path

from browser.visiting import AXE, RULES, Site, Visitor
from playwright.sync_api import Locator, Page, expect

expect.set_options(timeout=60_000)

CONTRAST = {"type": "rule", "values": ["color-contrast"]}
"""What another colour scheme can change for axe."""

NESTED = """\
# Who reads this stays informed.
name: nested
description: Several things
steps:
  # The first thing.
  - name: one
    command: echo one  # said
  - name: both
    type: parallel
    branches:
      - name: left
        steps:
          - command: echo left
      - name: right
        steps:
          - command: echo right
  - name: check
    type: conditional
    condition: environment == "production"
    then:
      - command: echo production
"""


class Bench:
    """The builder's page, by its parts."""

    def __init__(self, visitor: Visitor) -> None:
        self.page: Page = visitor.page
        self.site: Site = visitor.site
        self.palette = self.page.get_by_role("region", name="Palette")
        self.steps = self.page.get_by_role("region", name="Steps", exact=True)
        self.form = self.page.get_by_role("region", name="Form", exact=True)
        self.text = self.page.get_by_label("YAML of the playbook")

    def file(self, name: str) -> Path:
        return self.site.root / f"playbooks/{name}.yaml"

    def card(self, name: str) -> Locator:
        return self.steps.get_by_role("treeitem", name=re.compile(rf"^{re.escape(name)}, "))

    def head(self, name: str) -> Locator:
        return self.card(name).locator(".card-head").first

    def end(self) -> dict[str, float]:
        """A place below all cards."""
        box = self.steps.locator(".steps-frame").bounding_box()
        assert box
        return {"x": box["width"] / 2, "y": box["height"] - 15}

    def drag_in(self, what: str) -> None:
        """Drag something from the palette to below all steps."""
        self.palette.get_by_role("searchbox").fill(what)
        entry = self.palette.get_by_role("button", name=what).first
        entry.drag_to(self.steps.locator(".steps-frame"), target_position=self.end())

    def fill(self, label: str, value: str) -> None:
        field = self.form.get_by_label(label, exact=True)
        field.fill(value)
        field.press("Enter")

    def more(self) -> None:
        self.form.get_by_text("more fields").click()

    def save(self, button: str = "Save") -> None:
        self.page.get_by_role("button", name="Save…").click()
        dialog = self.page.get_by_role("dialog")
        dialog.get_by_role("button", name=button, exact=True).click()
        expect(dialog).to_have_count(0)


def opened(bench: Bench, name: str, text: str) -> Bench:
    bench.file(name).write_text(text)
    bench.page.goto(f"{bench.site.address}/console/playbooks/{name}/edit")
    bench.text.wait_for(state="attached")
    return bench


def flaws(page: Page, state: str) -> list[str]:
    """What axe finds, of contrasts in dark too, and whether it is wider than the screen."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    found: list[str] = []
    for colours, looked in {"dark": CONTRAST, "light": RULES}.items():
        page.emulate_media(color_scheme=colours)
        answer = page.evaluate(
            "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations'], rules: "
            "{'label-content-name-mismatch': {enabled: false}}})",
            looked,
        )  # The rule takes the cards within a card for its label: its name begins with its title.
        found += [
            f"{state}, {colours}: {one['id']} {one['nodes'][0]['target']}"
            for one in answer["violations"]
        ]
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [*found, *([f"{state}: wider than the screen"] if wide else [])]

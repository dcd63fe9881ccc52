"""From nothing to a release: built, simulated, saved, run, mended, approved, and in the audit."""

import re
from pathlib import Path

from browser.visiting import Site, Visitor
from playwright.sync_api import Page, expect

expect.set_options(timeout=60_000)


def with_command(root: Path) -> None:
    """A command that fails until the file `mended` is there."""
    folder = root / "commands"
    folder.mkdir(exist_ok=True)
    command = folder / "infra"
    command.write_text('#!/bin/sh\necho "$@"\ntest -e mended\n')
    command.chmod(0o755)


def add(page: Page, entry: str, fields: dict[str, str]) -> None:
    """Put a step after the chosen one, and fill its form."""
    palette = page.get_by_role("region", name="Palette")
    palette.get_by_role("searchbox").fill(entry)
    palette.get_by_role("button", name=entry).first.click()
    form = page.get_by_role("region", name="Form", exact=True)
    for label, value in fields.items():
        field = form.get_by_label(re.compile(rf"^{label}\b"))
        field.fill(value)
        field.press("Enter")


def test_a_release_is_built_run_mended_and_approved(site: Site, operator: Visitor) -> None:
    with_command(site.root)
    page = operator.go("/build?name=web-release&description=Releases%20the%20application")
    add(page, "Command", {"name": "check", "command": "echo checked"})
    add(page, "/infra", {"name": "deploy", "command": "/infra deploy --component backend"})
    add(page, "Approval", {"name": "gate", "message": "Release it?"})
    page.get_by_role("button", name="Simulate").click()
    simulation = page.get_by_role("region", name="Every way through it")
    expect(simulation).to_contain_text("The usual way")
    page.get_by_role("button", name="Save…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="Edit web-release")).to_be_visible()

    page.get_by_role("link", name="web-release").click()
    page.get_by_role("button", name="Dry run").click()
    expect(page.get_by_text("It can run")).to_be_visible()
    page.get_by_role("button", name="Run it", exact=True).click()
    heading = page.locator(".heading")
    expect(heading).to_contain_text("failed")
    workflow = page.url.rsplit("/", 1)[1].split("?")[0]
    page.get_by_role("treeitem", name="deploy").click()
    (site.root / "mended").touch()
    page.get_by_label("Step deploy").get_by_role("button", name="Resume from here…").click()
    page.get_by_role("dialog").get_by_role("button", name="Resume it").click()
    page.get_by_role("button", name="Approve…").click()
    page.get_by_role("dialog").get_by_role("button", name="Approve").click()
    expect(heading).to_contain_text("succeeded")
    operator.go(f"/audit?workflow={workflow}")
    expect(page.get_by_role("row").filter(has_text="night-shift").first).to_be_visible()
    assert operator.complaints == []

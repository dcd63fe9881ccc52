"""How the console looks: pictures for people, rules of accessibility, nobody else asked."""

import re

import pytest
from browser.visiting import MODES, PICTURES, Site, Visitor
from playwright.sync_api import Browser, expect

PAGES = {
    "workflows": ("/workflows", "Workflows"),
    "workflow": ("/workflows/{failed}?step=second", "{failed}"),
    "playbooks": ("/playbooks", "Playbooks"),
    "playbook": ("/playbooks/quick", "quick"),
    "schedules": ("/schedules", "Schedules"),
    "capacity": ("/capacity", "Capacity and locks"),
    "schedule": ("/schedules/mended", "mended"),
    "new-schedule": ("/new/schedule?playbook=quick", "New schedule"),
    "approvals": ("/approvals", "Approvals"),
    "integrations": ("/integrations", "Integrations"),
    "tokens": ("/tokens", "Tokens"),
    "deliveries": ("/deliveries", "Deliveries"),
    "audit": ("/audit", "Audit"),
    "nowhere": ("/nowhere", "There is no such page"),
}


@pytest.fixture(scope="module")
def failed(site: Site) -> str:
    """A workflow that failed, beside one that succeeded and a schedule."""
    site("run", "--playbook", "quick", "--parameters", "version=1")
    site("run", "--playbook", "mended", code=1)
    site("schedule", "--playbook", "mended", "--cron", "0 2 * * *", "--enabled")
    return re.findall(r"WF-\d{4}-\d{3,}", site("status", "--all", "--json"))[0]


@pytest.mark.parametrize("mode", MODES)
def test_every_page_is_accessible_and_asks_nobody_else(
    site: Site, browser: Browser, token: str, failed: str, mode: str
) -> None:
    context = browser.new_context(**MODES[mode])
    visitor = Visitor(site, context)
    page = visitor.sign_in(token)
    PICTURES.mkdir(parents=True, exist_ok=True)
    found: list[str] = []
    for name, (path, title) in PAGES.items():
        visitor.turn_to(path.format(failed=failed))
        heading = page.get_by_role("heading", name=title.format(failed=failed), exact=True)
        heading.first.wait_for()
        expect(page.locator(".loading")).to_have_count(0, timeout=60_000)
        page.screenshot(path=PICTURES / f"{name}-{mode}.png")
        found += visitor.flaws(name)
    context.close()
    assert found == []
    assert visitor.complaints == []
    assert [one for one in visitor.requests if not one.startswith(site.address)] == []

"""What somebody who means harm, or who lacks a right, meets in the console."""

import re

import pytest
from browser.visiting import Site, Visitor
from playwright.sync_api import expect

expect.set_options(timeout=60_000)

EVIL = '<img src=x onerror="window.evil=1"><script>window.evil=1</script>'
PLAYBOOK = f"""name: evil
description: '{EVIL}'
parameters:
  - {{name: who, default: '{EVIL}', description: '{EVIL}'}}
steps:
  - name: say
    shell: cat evil.txt
  - name: ask
    type: approval
    message: '{EVIL}'
    inputs:
      - {{name: why, default: '{EVIL}', description: '{EVIL}'}}
outputs:
  said: ${{say.output}}
"""


@pytest.fixture(scope="module")
def evil(site: Site) -> str:
    """A workflow of which everything that may be markup is."""
    (site.root / "evil.txt").write_text(EVIL)
    (site.root / "playbooks/evil.yaml").write_text(PLAYBOOK)
    site("run", "--playbook", "evil", code=4)
    workflow = re.findall(r"WF-\d{4}-\d{3,}", site("status", "--all", "--json"))[0]
    site("schedule", "--playbook", "evil", "--name", EVIL, "--cron", "0 4 * * *", "--enabled")
    site("pause", "--all", "--reason", EVIL)
    return workflow


@pytest.mark.parametrize(
    "path",
    ["/workflows", "/workflows/{evil}?step=say", "/approvals", "/playbooks", "/playbooks/evil",
     "/schedules", "/capacity", "/audit", "/nowhere/%3Cscript%3Ewindow.evil=1%3C%2Fscript%3E"],
)  # fmt: skip
def test_markup_in_what_people_and_programs_wrote_is_text(
    operator: Visitor, evil: str, path: str
) -> None:
    page = operator.go(path.format(evil=evil))
    expect(page.locator(".banner").first).to_contain_text(EVIL)
    expect(page.locator(".loading")).to_have_count(0)
    assert page.locator("img").count() == 0
    assert page.locator("#console script").count() == 0
    assert page.evaluate("window.evil") is None
    assert operator.complaints == []


def test_who_lacks_a_right_reads_which_one_it_takes(stranger: Visitor) -> None:
    page = stranger.sign_in(stranger.site.token("looker", "--scope", "view"))
    stranger.go("/audit")
    refusal = page.get_by_role("alert")
    expect(refusal).to_contain_text("admin")
    stranger.go("/new/schedule")
    expect(page.locator("#main")).to_contain_text("that takes the scope admin")
    stranger.go("/capacity")
    expect(page.get_by_role("heading", name="In use")).to_be_visible()
    assert page.get_by_role("button", name="Hold new workflows…").count() == 0


TIMING = """() => {
  const [navigation] = performance.getEntriesByType("navigation");
  const paint = performance.getEntriesByName("first-contentful-paint")[0];
  const fetched = performance.getEntriesByType("resource")
    .map(({ name, encodedBodySize, responseEnd }) => ({ name, encodedBodySize, responseEnd }));
  return { navigation: navigation.toJSON(), paint: paint?.startTime ?? null, fetched };
}"""


def test_the_first_page_fetches_little_and_nothing_of_the_rarely_used_ones(
    operator: Visitor,
) -> None:
    page = operator.go("/workflows")
    expect(page.get_by_role("heading", name="Workflows")).to_be_visible()
    expect(page.locator(".loading")).to_have_count(0)
    found = page.evaluate(TIMING)
    files = {
        one["name"].split("/")[-1]: one["encodedBodySize"]
        for one in found["fetched"]
        if "/console/" in one["name"]
    }
    code = sum(size for name, size in files.items() if name.endswith(".js"))
    last = max(one["responseEnd"] for one in found["fetched"])
    print(f"painted after {found['paint']} ms, read after {last:.0f} ms: {len(files)} files")
    assert [o for o in files if re.match(r"(Builder|Playbook|Audit|Schedule|Nowhere)", o)] == []
    assert 0 < code < 130_000
    whole = sum(files.values()) + found["navigation"]["encodedBodySize"]
    assert whole < 160_000
    asked = [one["name"] for one in found["fetched"] if "/api/v1/" in one["name"]]
    assert len(asked) <= 12, asked
    assert len(files) <= 12, files
    assert [one for one in operator.requests if not one.startswith(operator.site.address)] == []

"""A workflow's steps as a graph and over time, and what could happen to a playbook."""

import re

import pytest
from browser.visiting import PICTURES, Site, Visitor
from playwright.sync_api import Browser, Page, expect

expect.set_options(timeout=60_000)

BRANCHES = 100
EACH = 100
PLAYBOOKS = {
    "release": """
description: Builds, checks and switches
steps:
  - {name: build, command: echo built}
  - name: checks
    type: parallel
    branches:
      - {name: unit, steps: [{name: unit-tests, command: echo fine}]}
      - name: flaky
        steps:
          - name: browser-tests
            shell: "test -e again || { touch again; exit 3; }"
            retry: {attempts: 2, delay: 100ms}
  - name: regions
    type: foreach
    items: [north, south, west]
    as: region
    steps:
      - {name: upload, command: "echo ${region}"}
  - name: switch
    shell: test -e switchable
    on_failure: [{name: back, command: echo back}]
""",
    "throng": """
steps:
  - name: each
    type: foreach
    items: ${range(10000)}
    as: item
    steps:
      - {name: check, type: assert, condition: "${item} >= 0"}
""",
    "steered": """
steps:
  - {name: hold, shell: "until test -e go-on; do sleep 0.05; done"}
  - name: rounds
    type: foreach
    items: [first, second]
    as: round
    steps:
      - {name: turn, shell: "until test -e go-${round}; do sleep 0.05; done"}
  - {name: last, command: echo last}
""",
}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def vast() -> str:
    """Ten thousand steps in a hundred branches; the step before them fails."""
    lines = ["steps:", "  - {name: first, shell: exit 1}", "  - name: all", "    type: parallel",
             "    branches:"]  # fmt: skip
    for branch in range(BRANCHES):
        lines += [f"      - name: b{branch}", "        steps:"]
        lines += [f"          - {{name: s{step}, command: echo {step}}}" for step in range(EACH)]
    return "\n".join(lines)


@pytest.fixture(scope="module", autouse=True)
def playbooks(site: Site) -> None:
    for name, text in {**PLAYBOOKS, "vast": vast()}.items():
        (site.root / f"playbooks/{name}.yaml").write_text(f"name: {name}\n{text.lstrip()}\n")


def newest(site: Site) -> str:
    return re.findall(r"WF-\d{4}-\d{3,}", site("status", "--all", "--json"))[0]


@pytest.fixture(scope="module")
def released(site: Site, playbooks: None) -> str:
    """A workflow that failed in its last step."""
    site("run", "--playbook", "release", code=1)
    return newest(site)


def graph_of(page: Page):
    return page.get_by_role("tree", name="Graph of the steps")


def test_the_graph_shows_states_by_word_and_goes_to_what_failed(
    operator: Visitor, released: str
) -> None:
    page = operator.go(f"/workflows/{released}?view=graph")
    graph = graph_of(page)
    expect(graph.locator("[data-path=switch]")).to_contain_text("failed")
    expect(graph.locator("[data-path=build]")).to_contain_text("succeeded")
    expect(graph.locator("[data-path='checks/flaky/browser-tests']")).to_be_visible()
    loop = graph.locator("[data-path='regions']")
    expect(loop).to_contain_text("[north] of 3 iterations")
    graph.locator("[data-path='regions[north]/upload']").click()
    expect(page.get_by_label("Step regions[north]/upload").get_by_label("Output")).to_have_text(
        re.compile("north")
    )
    assert operator.complaints == []


def test_an_iteration_is_chosen_from_the_list_and_seen_in_all_views(
    operator: Visitor, released: str
) -> None:
    page = operator.go(f"/workflows/{released}?view=graph")
    page.get_by_role("button", name="3 iterations").click()
    page.get_by_role("tree", name="Iterations of regions").get_by_text("[south]").click()
    expect(graph_of(page).locator("[data-path='regions']")).to_contain_text("[south] of 3")
    graph_of(page).locator("[data-path='regions[south]/upload']").click()
    assert "step=regions%5Bsouth%5D%2Fupload" in page.url
    page.get_by_role("button", name="Tree", exact=True).click()
    row = page.get_by_role("tree", name="Steps").get_by_role("treeitem", selected=True)
    expect(row).to_contain_text("upload")
    page.get_by_role("button", name="Gantt", exact=True).click()
    chart = page.get_by_role("tree", name="Chart of the steps over time")
    expect(chart.get_by_role("treeitem", selected=True)).to_contain_text("upload")
    page.reload()
    expect(chart.get_by_role("treeitem", selected=True)).to_contain_text("upload")


def test_groups_are_closed_and_opened_with_the_keyboard(operator: Visitor, released: str) -> None:
    page = operator.go(f"/workflows/{released}?view=graph")
    graph = graph_of(page)
    inner = graph.locator("[data-path='checks/unit/unit-tests']")
    expect(inner).to_be_visible()
    graph.focus()
    graph.press("Home")
    graph.press("ArrowDown")
    graph.press("ArrowLeft")
    expect(inner).to_have_count(0)
    expect(graph.locator("[data-path=checks]")).to_contain_text("2 succeeded")
    graph.press("ArrowRight")
    expect(inner).to_be_visible()
    graph.press("ArrowRight")
    graph.press("Enter")
    expect(page.get_by_label("Step checks/unit/unit-tests")).to_contain_text("fine")
    graph.press("-")
    expect(page.get_by_role("button", name=re.compile(r"^\d+ %$"))).not_to_have_text("100 %")
    graph.press("1")
    expect(page.get_by_role("button", name=re.compile(r"^\d+ %$"))).to_have_text("100 %")


def test_the_graph_follows_what_runs_also_over_a_restart_of_the_server(operator: Visitor) -> None:
    site = operator.site
    page = operator.go("/playbooks/steered")
    page.get_by_role("button", name="Dry run").click()
    page.get_by_role("button", name="Run it", exact=True).click()
    expect(page.get_by_role("treeitem", name="hold")).to_contain_text("running")
    page.get_by_role("button", name="Graph", exact=True).click()
    graph = graph_of(page)
    expect(graph.locator("[data-path=hold]")).to_contain_text("running")
    (site.root / "go-on").touch()
    expect(graph.locator("[data-path='rounds[first]/turn']")).to_contain_text("running")
    site.stop()
    expect(page.get_by_text("Disconnected since")).to_be_visible()
    (site.root / "go-first").touch()
    site.start()
    expect(graph.locator("[data-path='rounds[second]/turn']")).to_contain_text("running")
    page.get_by_role("button", name="Gantt", exact=True).click()
    chart = page.get_by_role("tree", name="Chart of the steps over time")
    expect(chart.get_by_role("treeitem", name=re.compile("turn running")).first).to_be_visible()
    (site.root / "go-second").touch()
    expect(chart.get_by_role("treeitem", name=re.compile("^last succeeded"))).to_be_visible()
    page.get_by_role("button", name="Graph", exact=True).click()
    expect(graph.locator("[data-path=last]")).to_contain_text("succeeded")
    expect(graph.locator("[data-path=rounds]")).to_contain_text("2 succeeded")


def test_the_chart_tells_attempts_from_waits_and_their_exact_times(
    operator: Visitor, released: str
) -> None:
    page = operator.go(f"/workflows/{released}?view=gantt")
    chart = page.get_by_role("tree", name="Chart of the steps over time")
    row = chart.get_by_role("treeitem", name=re.compile("^browser-tests succeeded"))
    expect(row).to_contain_text(re.compile("2 attempts.*waits before the next try"))
    expect(row.locator(".bar")).to_have_count(3)
    expect(row.locator(".bar.wait")).to_have_count(1)
    row.click()
    readout = page.locator(".readout")
    chart.press("ArrowRight")
    expect(readout).to_contain_text(re.compile(r"attempt 1: failed, \d\d:\d\d:\d\d\.\d{3} "))
    chart.press("ArrowRight")
    expect(readout).to_contain_text("waits before the next try")
    expect(page.get_by_label("Step checks/flaky/browser-tests")).to_contain_text("Waited before")


def test_of_ten_thousand_steps_only_what_is_in_sight_is_drawn(operator: Visitor) -> None:
    site = operator.site
    site("run", "--playbook", "vast", code=1)
    page = operator.go(f"/workflows/{newest(site)}?view=graph")
    graph = graph_of(page)
    closed = graph.locator("[data-path=all]")
    expect(closed).to_contain_text("not reached")
    assert graph.get_by_role("treeitem").count() == 2
    page.get_by_role("button", name="Open all").click()
    expect(graph.locator("[data-path='all/b0/s0']")).to_be_visible()
    assert graph.locator("*").count() < 1500
    graph.press("End")
    expect(graph.locator("[data-path='all/b99/s99']")).to_be_visible()
    assert graph.locator("*").count() < 1500
    page.get_by_role("button", name="Fit").click()
    expect(graph.locator("[data-path='all/b0/s0']")).to_be_visible()
    assert 100 < graph.get_by_role("treeitem").count() < 1500
    assert graph.locator("*").count() < 4000


def drawn(page: Page, within: str) -> int:
    """How many elements there are in what shows the steps."""
    return page.locator(f"{within} *").count()


def kept(page: Page) -> float:
    """Megabytes that the page's script holds when nobody uses them any more is thrown away."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    used = session.send("Runtime.getHeapUsage")["usedSize"] / 1e6
    session.detach()
    return used


def test_ten_thousand_executed_iterations_are_opened_scrolled_and_closed(
    operator: Visitor,
) -> None:
    site = operator.site
    site("run", "--playbook", "throng")
    page = operator.go(f"/workflows/{newest(site)}")
    tree = page.get_by_role("tree", name="Steps")
    tree.get_by_role("treeitem", name=re.compile(r"\beach\b")).click()
    tree.press("ArrowRight")
    expect(tree.get_by_role("treeitem", name=re.compile(r"\[0\]"))).to_be_visible()
    for _ in range(3):
        before = tree.evaluate("one => one.scrollHeight")
        tree.press("End")
        page.wait_for_function(
            "([one, before]) => one.scrollHeight > before", arg=[tree.element_handle(), before]
        )
    assert drawn(page, ".tree") < 1500
    tree.press("Home")
    tree.press("ArrowLeft")
    expect(tree.get_by_role("treeitem")).to_have_count(1)

    page.get_by_role("button", name="Graph", exact=True).click()
    graph = graph_of(page)
    expect(graph.locator("[data-path=each]")).to_contain_text("of 10000 iterations")
    page.get_by_role("button", name=re.compile("10000 iterations")).click()
    listed = page.get_by_role("tree", name="Iterations of each")
    first = listed.get_by_role("treeitem", name="[0]")
    expect(first).to_be_visible()
    listed.evaluate("one => one.scrollTo(0, one.scrollHeight)")
    expect(first).to_have_count(0)
    assert drawn(page, ".graphside") < 1500
    assert graph.locator("*").count() < 200

    page.get_by_role("button", name="Gantt", exact=True).click()
    chart = page.get_by_role("tree", name="Chart of the steps over time")
    group = chart.get_by_role("treeitem", name=re.compile("^each"))
    expect(group).to_have_attribute("aria-expanded", "false")
    expect(chart.get_by_role("treeitem")).to_have_count(2)
    expect(page.get_by_text("shorter ones are left out")).to_be_visible()
    group.locator(".twist").click()
    expect(chart.get_by_role("treeitem", name=re.compile(r"^\["))).not_to_have_count(0)
    assert drawn(page, ".gantt") < 1500
    chart.press("End")
    expect(chart.locator("[id$='-500']")).to_be_in_viewport()
    assert drawn(page, ".gantt") < 1500
    chart.press("ArrowLeft")
    chart.press("ArrowLeft")
    expect(chart.get_by_role("treeitem")).to_have_count(2)
    assert kept(page) < 60
    assert operator.complaints == []


def test_a_playbook_has_its_graph_and_the_failure_matrix(operator: Visitor) -> None:
    page = operator.go("/playbooks/release")
    graph = page.get_by_role("tree", name="Graph of release")
    expect(graph.locator("[data-path='regions/upload']")).to_be_visible()
    expect(graph).not_to_contain_text("not reached")
    panel = page.get_by_label("What could happen")
    panel.get_by_role("button", name="Simulate").click()
    expect(panel.get_by_role("status")).to_contain_text("Every way through it ends")
    panel.get_by_role("button", name="Failure matrix").click()
    table = panel.get_by_role("table")
    expect(table).to_contain_text("the machine dies")
    panel.get_by_role("button", name=re.compile("^needs attention")).click()
    cell = panel.get_by_role("button", name="switch, the machine dies: needs attention")
    cell.click()
    expect(table).to_contain_text("To decide first")
    panel.get_by_role("button", name=re.compile("^everything")).click()
    panel.get_by_role("button", name="switch, it fails: failed").click()
    expect(table).to_contain_text("switch/on_failure/back")
    assert operator.complaints == []


@pytest.mark.parametrize("mode", ["light", "dark", "narrow"])
def test_the_views_are_accessible(
    site: Site, browser: Browser, token: str, released: str, mode: str
) -> None:
    width, height = (390, 844) if mode == "narrow" else (1280, 860)
    colours = "dark" if mode == "dark" else "light"
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=colours)
    visitor = Visitor(site, context)
    visitor.sign_in(token)
    PICTURES.mkdir(parents=True, exist_ok=True)
    found: list[str] = []
    for name, path in {
        "graph": f"/workflows/{released}?view=graph&step=regions%5Bsouth%5D%2Fupload",
        "gantt": f"/workflows/{released}?view=gantt&step=checks%2Fflaky%2Fbrowser-tests",
        "failures": "/playbooks/release",
    }.items():
        page = visitor.go(path)
        page.get_by_role("tree").first.wait_for()
        if name == "failures":
            page.get_by_role("button", name="Failure matrix").click()
            page.locator(".matrix .cell").first.click()
        elif name == "graph":
            page.get_by_role("button", name="3 iterations").click()
            page.get_by_role("tree", name="Iterations of regions").wait_for()
        expect(page.locator(".loading")).to_have_count(0)
        page.screenshot(path=PICTURES / f"view-{name}-{mode}.png", full_page=True)
        found += visitor.flaws(name)
    context.close()
    assert found == []
    assert visitor.complaints == []
    assert [one for one in visitor.requests if not one.startswith(site.address)] == []


def test_the_end_of_a_huge_output_is_there_at_once(operator: Visitor) -> None:
    site = operator.site
    site("run", "--playbook", "quick", "--parameters", "version=1")
    workflow = newest(site)
    [log] = [*site.root.rglob(f"workflows/{workflow}/*.log")]
    with log.open("r+b") as written:
        # A gibibyte that needs no room on the disk, but for its end.
        end = b"".join(b"line %07d of many\n" % number for number in range(12_000))
        written.seek((1 << 30) - len(end + b"the very end\n"))
        written.write(end + b"the very end\n")
    sent: list[int] = []
    page = operator.page
    page.on("response", lambda got: sent.append(int(got.headers.get("content-length", "0"))))
    operator.go(f"/workflows/{workflow}?step=say")
    detail = page.get_by_label("Step say")
    expect(detail.get_by_label("Output")).to_contain_text("the very end")
    expect(detail).to_contain_text("1.0 GiB, the last 64.0 KiB shown")
    detail.get_by_role("button", name="Show earlier").click()
    expect(detail).to_contain_text("the last 128.0 KiB shown")
    assert sum(sent) < 4_000_000

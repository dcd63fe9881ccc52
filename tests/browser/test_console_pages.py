"""What people do with the console, on the real server, in a real browser."""

import re
from hashlib import sha256

from browser.visiting import Site, Visitor
from playwright.sync_api import expect

expect.set_options(timeout=60_000)


def started(site: Site, playbook: str, *words: str, code: int = 0) -> str:
    """Run a playbook to its end; its id."""
    site("run", "--playbook", playbook, *words, code=code)
    found = re.search(r"WF-\d{4}-\d{3,}", site("status", "--all", "--json"))
    assert found
    return found[0]


def test_a_wrong_token_is_refused_with_a_reason(stranger: Visitor) -> None:
    page = stranger.go("/")
    page.get_by_label("Token").fill("orc_wrong_wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("token")
    expect(page.get_by_role("heading", name="orchestrate")).to_be_visible()


def test_a_link_signs_in_and_leaves_no_code_behind(site: Site, stranger: Visitor) -> None:
    stranger.page.goto(site.link())
    expect(stranger.page.get_by_role("heading", name="Workflows")).to_be_visible()
    assert "code" not in stranger.page.url
    stranger.page.get_by_role("button", name="Sign out").click()
    expect(stranger.page.get_by_label("Token")).to_be_visible()


def test_whose_session_goes_on_is_not_told_that_it_ended(site: Site, stranger: Visitor) -> None:
    page = stranger.page
    page.goto(site.link())
    away = re.compile("/api/v1/session$")
    page.route(away, lambda route: route.abort())
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("alert")).to_contain_text("You are still signed in.")
    page.unroute(away)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()


def test_text_and_graph_are_those_that_somebody_saves_meanwhile(
    operator: Visitor, token: str
) -> None:
    page = operator.go("/playbooks/asking")
    text = page.get_by_label("Text of asking")
    expect(text).to_contain_text("release")
    where = f"{operator.site.address}/api/v1/playbooks/asking/source"
    signed = {"Authorization": f"Bearer {token}"}
    read = page.request.get(where, headers=signed)
    headers = {**signed, "If-Match": read.headers["etag"]}
    more = f"{read.text()}finally:\n  - {{name: farewell, command: echo bye}}\n"
    assert page.request.put(where, headers=headers, data=more).ok
    expect(text).to_contain_text("farewell")
    expect(page.get_by_role("region", name="Graph")).to_contain_text("farewell")
    restored = {**signed, "If-Match": f'"{sha256(more.encode()).hexdigest()}"'}
    assert page.request.put(where, headers=restored, data=read.text()).ok


def test_a_workflow_that_somebody_starts_appears_by_itself(operator: Visitor) -> None:
    page = operator.page
    workflow = started(operator.site, "quick", "--parameters", "version=1")
    row = page.get_by_role("row").filter(has_text=workflow)
    expect(row).to_contain_text("succeeded")
    expect(row).to_contain_text("quick")


def test_a_failed_step_is_seen_mended_and_resumed(operator: Visitor) -> None:
    site = operator.site
    workflow = started(site, "mended", code=1)
    page = operator.go(f"/workflows/{workflow}")
    page.get_by_role("treeitem", name="second").click()
    detail = page.get_by_label("Step second")
    expect(detail.get_by_label("Output")).to_have_text(re.compile("<script>alert"))
    (site.root / "mended").touch()
    detail.get_by_role("button", name="Resume from here…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("third")
    dialog.get_by_role("button", name="Resume it").click()
    expect(page.locator(".heading")).to_contain_text("succeeded")
    expect(page.get_by_role("treeitem", name="third")).to_contain_text("succeeded")
    assert operator.complaints == []


def test_it_is_run_from_the_form_dry_first(operator: Visitor) -> None:
    page = operator.go("/playbooks/quick")
    run = page.get_by_role("button", name="Run it", exact=True)
    expect(run).to_be_disabled()
    page.get_by_label("version").fill("2.1")
    page.get_by_label("count").fill("three")
    expect(page.get_by_text("This has to be a whole number.")).to_be_visible()
    page.get_by_label("count").fill("4")
    page.get_by_role("button", name="Dry run").click()
    expect(page.get_by_text("It can run")).to_be_visible()
    run.click()
    expect(page.locator(".heading")).to_contain_text("succeeded")
    expect(page.get_by_label("About this workflow")).to_contain_text("2.1")


def test_an_approval_is_answered_with_its_form_and_stands_in_the_audit(operator: Visitor) -> None:
    site = operator.site
    operator.site("run", "--playbook", "asking", code=4)
    workflow = re.findall(r"WF-\d{4}-\d{3,}", site("status", "--all", "--json"))[0]
    page = operator.go(f"/workflows/{workflow}")
    page.get_by_role("button", name="Approve…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Approve")).to_be_disabled()
    dialog.get_by_label("share").fill("25")
    dialog.get_by_role("button", name="Approve").click()
    expect(page.locator(".heading")).to_contain_text("succeeded")
    operator.go(f"/audit?workflow={workflow}")
    expect(page.get_by_role("row").filter(has_text="night-shift").first).to_be_visible()


def test_a_server_that_is_started_again_is_found_and_nothing_is_missed(operator: Visitor) -> None:
    site = operator.site
    page = operator.go("/playbooks/waiting")
    page.get_by_role("button", name="Dry run").click()
    page.get_by_role("button", name="Run it", exact=True).click()
    hold = page.get_by_role("treeitem", name="hold")
    expect(hold).to_contain_text("running")
    site.stop()
    expect(page.get_by_text("Disconnected since")).to_be_visible()
    (site.root / "go-on").touch()
    site.start()
    expect(page.get_by_text("Disconnected since")).to_be_hidden()
    expect(page.get_by_role("treeitem", name="after")).to_contain_text("succeeded")
    expect(page.locator(".heading")).to_contain_text("succeeded")


def test_a_page_that_was_never_shown_comes_when_the_server_is_back(operator: Visitor) -> None:
    page = operator.page
    operator.site.stop()
    expect(page.get_by_text("Disconnected since")).to_be_visible()
    page.get_by_role("link", name="Tokens").click()
    expect(page.get_by_text("This page is not here yet.")).to_be_visible()
    page.get_by_role("button", name="Go back").click()
    expect(page.get_by_role("heading", name="Workflows")).to_be_visible()
    page.get_by_role("link", name="Tokens").click()
    operator.site.start()
    expect(page.get_by_role("heading", name="Tokens")).to_be_visible()


def test_who_may_only_look_is_offered_nothing_else(stranger: Visitor) -> None:
    workflow = started(stranger.site, "quick", "--parameters", "version=3")
    page = stranger.sign_in(stranger.site.token("looker", "--scope", "view"))
    expect(page.get_by_role("link", name="Audit")).to_have_count(0)
    stranger.go(f"/workflows/{workflow}")
    expect(page.locator(".heading")).to_contain_text("succeeded")
    expect(page.get_by_role("button", name="Run again…")).to_have_count(0)
    stranger.go("/playbooks/quick")
    expect(page.get_by_role("heading", name="Text")).to_be_visible()
    expect(page.get_by_role("button", name="Dry run")).to_have_count(0)


def test_of_thousands_of_steps_only_what_is_seen_is_drawn(operator: Visitor) -> None:
    workflow = started(operator.site, "many")
    page = operator.go(f"/workflows/{workflow}")
    page.get_by_role("treeitem", name="each").click()
    tree = page.get_by_role("tree", name="Steps")
    tree.press("ArrowRight")
    expect(page.get_by_role("treeitem", name="[0]")).to_be_visible()
    tree.press("End")
    expect(page.get_by_role("treeitem", name=re.compile(r"\[199\]"))).to_be_visible()
    assert page.get_by_role("treeitem").count() < 80


def test_the_keyboard_alone_leads_to_a_step(operator: Visitor) -> None:
    workflow = started(operator.site, "quick", "--parameters", "version=4")
    page = operator.go(f"/workflows/{workflow}")
    tree = page.get_by_role("tree", name="Steps")
    tree.focus()
    tree.press("ArrowDown")
    tree.press("Enter")
    expect(page.get_by_label("Step say")).to_contain_text("version 4")

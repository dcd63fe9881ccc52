"""What concerns the project as a whole: approvals, schedules, holds, tokens."""

import re

from browser.visiting import Site, Visitor
from playwright.sync_api import expect

expect.set_options(timeout=60_000)


def asked(site: Site) -> str:
    """Run what asks for an approval until it asks; its id."""
    site("run", "--playbook", "asking", code=4)
    return re.findall(r"WF-\d{4}-\d{3,}", site("status", "--all", "--json"))[0]


def test_what_waits_for_people_is_counted_and_answered_on_one_page(operator: Visitor) -> None:
    first, second = asked(operator.site), asked(operator.site)
    page = operator.page
    link = page.get_by_role("link", name="Approvals")
    expect(link).to_contain_text("2 wait for an answer")
    expect(page).to_have_title(re.compile(r"^\(2\) "))
    row = page.get_by_role("row").filter(has_text=first)
    expect(row).to_contain_text("release waits for an answer to Release it?")
    link.click()
    older = page.get_by_role("article", name=f"{first} release")
    expect(page.get_by_role("article").first).to_contain_text(first)
    older.get_by_role("button", name="Approve…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("share").fill("lots")
    expect(dialog).to_contain_text("This has to be a whole number.")
    dialog.get_by_label("share").fill("25")
    dialog.get_by_role("button", name="Approve", exact=True).click()
    expect(older).to_have_count(0)
    page.get_by_role("button", name="Reject…").click()
    expect(dialog.get_by_role("button", name="Reject", exact=True)).to_be_disabled()
    dialog.get_by_label("Reason").fill("not on a Friday")
    dialog.get_by_role("button", name="Reject", exact=True).click()
    expect(page.get_by_text("Nobody waits for an answer")).to_be_visible()
    expect(link).to_have_text("Approvals")
    operator.go(f"/workflows/{second}")
    expect(page.locator(".heading")).to_contain_text("failed")
    expect(page.locator("#main")).to_contain_text("not on a Friday")
    assert operator.complaints == []


def test_a_schedule_is_written_with_its_slots_in_sight_changed_and_deleted(
    operator: Visitor,
) -> None:
    page = operator.go("/schedules")
    page.get_by_role("link", name="New schedule").click()
    page.get_by_label("Playbook", exact=True).select_option("quick")
    page.get_by_label("Name", exact=True).fill("each morning")
    page.get_by_label("When (cron)").fill("61 * * * *")
    slots = page.get_by_role("region", name="Next slots")
    expect(slots.get_by_role("alert")).to_be_visible()
    page.get_by_label("When (cron)").fill("30 4 * * *")
    page.get_by_label("Time zone").fill("Asia/Tokyo")
    expect(slots.get_by_role("listitem")).to_have_count(8)
    create = page.get_by_role("button", name="Create the schedule")
    expect(create).to_be_disabled()
    page.get_by_label("version").fill("7")
    page.get_by_text("Enable it at once").click()
    create.click()
    expect(page.get_by_role("heading", name="each morning")).to_be_visible()
    about = page.get_by_role("region", name="What it does")
    expect(about).to_contain_text("30 4 * * * Asia/Tokyo")
    page.get_by_role("link", name="Change", exact=True).click()
    expect(page.get_by_label("version")).to_have_value("7")
    page.get_by_label("When (cron)").fill("45 4 * * *")
    page.get_by_role("button", name="Save the change").click()
    expect(about).to_contain_text("45 4 * * * Asia/Tokyo")
    expect(page.locator(".heading")).to_contain_text("enabled")
    page.get_by_role("link", name="Schedules").first.click()
    expect(page.locator(".calendar")).to_contain_text("each morning")
    page.get_by_role("link", name="each morning").first.click()
    page.get_by_role("button", name="Delete… each morning").click()
    page.get_by_role("button", name="Delete the schedule").click()
    expect(page.get_by_text("Nothing is scheduled")).to_be_visible()
    assert operator.complaints == []


def test_while_new_workflows_are_held_every_page_says_so(operator: Visitor) -> None:
    page = operator.go("/capacity")
    page.get_by_role("button", name="Hold new workflows…").click()
    page.get_by_label("Reason").fill("stock-taking")
    page.get_by_role("button", name="Hold them").click()
    for path in ("/capacity", "/playbooks", "/audit"):
        operator.go(path)
        banner = page.get_by_text("New workflows are held by night-shift.")
        expect(banner).to_be_visible()
        expect(page.locator(".banner")).to_contain_text("stock-taking")
    page.get_by_role("button", name="Let them begin…").click()
    page.get_by_role("button", name="Let them begin", exact=True).click()
    expect(banner).to_have_count(0)


def test_a_lock_and_who_has_it_are_seen_where_they_are_waited_for(operator: Visitor) -> None:
    site = operator.site
    locked = "locks: [door]\nsteps: [{name: gate, type: approval, message: done?}]\n"
    (site.root / "playbooks/holds.yaml").write_text(f"name: holds\n{locked}")
    site("run", "--playbook", "holds", code=4)
    holder = re.findall(r"WF-\d{4}-\d{3,}", site("status", "--all", "--json"))[0]
    site("run", "--playbook", "holds", "--detach")
    waiter = re.findall(r"WF-\d{4}-\d{3,}", site("status", "--all", "--json"))[0]
    page = operator.go("/workflows")
    row = page.get_by_role("row").filter(has_text=f"the lock door, which {holder} has")
    expect(row).to_contain_text(waiter)
    row.get_by_role("link", name=waiter).click()
    about = page.get_by_label("About this workflow")
    expect(about).to_contain_text(f"the lock door, which {holder} has")
    operator.go("/capacity")
    page.get_by_role("button", name="Release… door").click()
    page.get_by_label("Reason").fill("it is stuck")
    page.get_by_role("button", name="Take the lock away").click()
    # Nobody reloads: the stream tells that the lock has gone to the next one.
    locks = page.get_by_role("region", name="Locks").get_by_role("row")
    expect(locks.filter(has_text=waiter)).to_contain_text("nobody")
    expect(page.get_by_text("Nobody waits", exact=True)).to_be_visible()
    for one in (holder, waiter):
        site("cancel", one)
    assert operator.complaints == []


def test_what_could_happen_is_asked_for_an_environment(operator: Visitor) -> None:
    (operator.site.root / "environments").mkdir(exist_ok=True)
    (operator.site.root / "environments/staging.yaml").write_text("parameters: {version: 4}\n")
    page = operator.go("/playbooks/quick")
    panel = page.get_by_role("region", name="What could happen")
    panel.get_by_label("Environment").select_option("staging")
    panel.get_by_role("button", name="Simulate").click()
    expect(panel).to_contain_text("In the environment staging:")
    form = page.get_by_role("region", name="Run it")
    form.get_by_label("Environment").select_option("staging")
    expect(form.get_by_label("version")).to_have_value("4")
    expect(form).to_contain_text("given by the environment")


def test_the_audit_is_verified_where_it_is_read(operator: Visitor) -> None:
    page = operator.go("/audit")
    panel = page.get_by_role("region", name="Is it complete?")
    expect(panel).to_contain_text("orchestrate audit key")
    assert panel.get_by_role("button", name="Sign it now").count() == 0
    panel.get_by_role("button", name="Verify").click()
    expect(panel.get_by_role("status")).to_contain_text("All is as it was recorded")


def test_an_address_that_is_nearly_right_leads_on(operator: Visitor) -> None:
    page = operator.go("/workflow/wf-2026-001")
    page.get_by_role("link", name="/workflows/WF-2026-001").click()
    expect(page.get_by_role("heading", name="WF-2026-001")).to_be_visible()
    operator.go("/playbooks/quicc")
    expect(page.get_by_role("alert")).to_have_count(1)
    assert page.get_by_role("link", name="Edit").count() == 0


def test_it_runs_again_with_other_values_than_before(operator: Visitor) -> None:
    site = operator.site
    site("run", "--playbook", "quick", "--parameters", "version=1,count=9")
    workflow = re.findall(r"WF-\d{4}-\d{3,}", site("status", "--all", "--json"))[0]
    page = operator.go(f"/workflows/{workflow}")
    page.get_by_role("button", name="Run again…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Other parameters").click()
    expect(dialog.get_by_label("count")).to_have_value("9")
    dialog.get_by_label("version").fill("2")
    expect(dialog).to_contain_text("version changed")
    dialog.get_by_role("button", name="Run it again").click()
    expect(page.get_by_role("heading", name=workflow)).to_have_count(0)
    about = page.get_by_label("About this workflow")
    expect(about).to_contain_text("version2")
    expect(about).to_contain_text("count9")


def test_cancelling_twice_is_told_apart_and_force_takes_a_reason(operator: Visitor) -> None:
    site = operator.site
    page = operator.go("/playbooks/cleaning")
    page.get_by_role("button", name="Dry run").click()
    page.get_by_role("button", name="Run it", exact=True).click()
    expect(page.get_by_role("treeitem", name="work")).to_contain_text("running")
    page.get_by_role("button", name="Cancel…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("The running step is stopped.")
    dialog.get_by_role("button", name="Cancel the workflow").click()
    expect(page.get_by_role("treeitem", name="finally")).to_contain_text("running")
    page.get_by_role("button", name="Complete…").click()
    dialog.get_by_text("By force").click()
    expect(dialog.get_by_role("button", name="Complete it by force")).to_be_disabled()
    dialog.get_by_role("button", name="Leave it").click()
    page.get_by_role("button", name="Cancel…").click()
    expect(dialog).to_contain_text("night-shift has cancelled it already")
    dialog.get_by_role("button", name="Stop the cleaning up, too").click()
    expect(page.locator(".heading")).to_contain_text("cancelled")
    assert not (site.root / "tidied").exists()


def test_a_session_that_ends_under_an_open_page_begins_again_at_the_same_place(
    stranger: Visitor,
) -> None:
    site = stranger.site
    page = stranger.sign_in(site.token("leaver", "--scope", "admin"))
    stranger.go("/capacity?hours=24")
    expect(page.get_by_role("heading", name="In use")).to_be_visible()
    site("token", "revoke", "leaver")
    site("run", "--playbook", "quick", "--parameters", "version=5")  # so the page reads anew
    expect(page.get_by_text("The session has ended. Sign in again to go on.")).to_be_visible()
    expect(page.get_by_role("link", name="Workflows")).to_have_count(0)
    page.get_by_label("Token").fill(site.token("stayer", "--scope", "admin"))
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="In use")).to_be_visible()
    assert page.url.endswith("/capacity?hours=24")
    page.get_by_role("link", name="Tokens").click()
    row = page.get_by_role("row").filter(has_text="stayer")
    expect(row).to_contain_text("yours")
    expect(page.get_by_role("row").filter(has_text="leaver")).to_have_count(0)


def test_a_token_is_revoked_after_saying_what_that_means(operator: Visitor) -> None:
    operator.site.token("contractor", "--scope", "run", "--environment", "dev")
    page = operator.go("/tokens")
    row = page.get_by_role("row").filter(has_text="contractor")
    expect(row).to_contain_text("dev")
    page.get_by_role("button", name="Revoke… contractor").click()
    expect(page.get_by_role("dialog")).to_contain_text("sessions that began with it end")
    page.get_by_role("button", name="Revoke the token").click()
    expect(row).to_have_count(0)
    assert "contractor" not in operator.site("token", "list")

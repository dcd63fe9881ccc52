"""The builder beyond one step: several at once, copies, finding, environments, templates, axe."""

import re

import pytest
from browser.benching import NESTED, Bench, flaws, opened
from browser.visiting import Site, Visitor
from playwright.sync_api import expect

LONG = "name: long\nsteps:\n" + "".join(
    f"""\
  - name: group-{group}
    type: transaction
    steps:
      - name: step-{group}-1
        command: echo {group}
      - name: step-{group}-2
        command: {"/nowhere" if group in (3, 9) else "echo second"}
"""
    for group in range(12)
)


@pytest.fixture(scope="module")
def environments(workshop: Site) -> Site:
    """One command is there in one environment alone."""
    folder = workshop.root / "environments"
    folder.mkdir(exist_ok=True)
    (folder / "staging.yaml").write_text("commands:\n  lift:\n    argv: [echo, lifted]\n")
    (folder / "production.yaml").write_text("protected: true\n")
    return workshop


def said(bench: Bench):
    return bench.steps.locator(".builder-said")


def test_several_neighbours_are_moved_wrapped_and_removed_together(bench: Bench) -> None:
    opened(bench, "long", LONG)
    keys = bench.page.keyboard
    bench.head("group-2").click()
    keys.press("Shift+ArrowDown")
    keys.press("Shift+ArrowDown")
    expect(bench.form).to_contain_text("3 steps are chosen")
    expect(bench.card("group-4")).to_be_focused()
    keys.press("Alt+ArrowUp")
    expect(said(bench)).to_have_text("Moved up. 3 steps are 2 to 4 of 12 in steps.")
    keys.press("m")
    bench.page.get_by_role("menuitem", name="Wrap into parallel").click()
    expect(bench.steps.locator("[data-kind=branch]")).to_have_count(3)
    expect(bench.text).to_contain_text("type: parallel")
    keys.press("Control+z")
    bench.head("group-0").click()
    bench.head("group-3").click(modifiers=["Shift"])
    expect(bench.steps.locator("[data-node][aria-selected=true]")).to_have_count(3)
    keys.press("Delete")
    expect(bench.steps.locator("[data-kind=transaction]")).to_have_count(9)
    keys.press("Control+z")
    expect(bench.steps.locator("[data-kind=transaction]")).to_have_count(12)


def test_several_are_dragged_together(bench: Bench) -> None:
    opened(bench, "nested", NESTED)
    bench.head("one").click()
    bench.page.keyboard.press("Shift+ArrowDown")
    into = bench.card("check").locator("[data-list]").first
    bench.head("one").drag_to(into, target_position={"x": 60, "y": 2})
    expect(said(bench)).to_have_text("Moved. 2 steps are 1 to 2 of 3 in then of check.")
    expect(bench.card("check").get_by_role("treeitem", name=re.compile("^both, "))).to_be_visible()


def test_steps_are_copied_from_one_playbook_into_another(bench: Bench) -> None:
    opened(bench, "nested", NESTED)
    keys = bench.page.keyboard
    bench.head("one").click()
    keys.press("Shift+ArrowDown")
    keys.press("Control+c")
    expect(said(bench)).to_contain_text("Copied 2 steps.")
    keys.press("Control+v")
    expect(bench.card("both-2")).to_be_visible()
    expect(said(bench)).to_have_text("Pasted. 2 steps are 3 to 4 of 5 in steps.")
    bench.page.get_by_role("button", name="Undo", exact=True).click()

    opened(bench, "other", "name: other\nsteps:\n  - name: here\n    command: echo here\n")
    bench.head("here").click()
    keys.press("Control+v")
    expect(bench.card("left")).to_be_visible()
    expect(bench.text).to_contain_text("# The first thing.")
    bench.head("one").click()
    keys.press("Control+x")
    expect(bench.card("one")).to_have_count(0)
    bench.text.get_by_text("echo here").click()
    keys.press("Control+a")
    keys.press("Control+v")
    expect(bench.page.get_by_role("button", name="Undo", exact=True)).to_be_enabled()
    expect(bench.text).not_to_contain_text("echo here")
    expect(bench.text).to_contain_text("command: echo one  # said")


def test_lines_go_on_ending_as_they_do(bench: Bench) -> None:
    before = NESTED.replace("name: nested", "name: windows").replace("\n", "\r\n")
    opened(bench, "windows", "")
    bench.file("windows").write_bytes(before.encode())
    bench.page.reload()
    bench.text.get_by_text("echo right").click()
    bench.page.keyboard.press("End")
    bench.page.keyboard.type(" away")
    expect(bench.card("echo right away")).to_be_visible()
    bench.save()
    after = before.replace("echo right", "echo right away")
    assert bench.file("windows").read_bytes() == after.encode()


def test_what_is_no_step_is_not_pasted(bench: Bench) -> None:
    opened(bench, "nested", NESTED)
    bench.form.get_by_label("description", exact=True).select_text()
    bench.page.keyboard.press("Control+c")
    bench.head("one").click()
    bench.page.keyboard.press("Control+v")
    expect(said(bench)).to_contain_text("What was copied is no step")
    expect(bench.page.get_by_role("button", name="Save…")).to_be_disabled()


def test_steps_are_found_and_groups_folded(bench: Bench) -> None:
    opened(bench, "long", LONG)
    page = bench.page
    bench.steps.get_by_role("button", name="Fold all", exact=True).click()
    expect(bench.card("step-5-1")).to_have_count(0)
    expect(bench.card("group-5")).to_contain_text("2 steps folded away")
    page.keyboard.press("Control+f")
    find = bench.steps.get_by_role("searchbox", name="Find among the steps")
    expect(find).to_be_focused()
    find.fill("step- second")
    expect(bench.steps.get_by_role("search")).to_contain_text("10 found")
    find.press("Enter")
    expect(bench.card("step-0-2")).to_have_attribute("aria-selected", "true")
    expect(bench.steps.get_by_role("search")).to_contain_text("1 of 10")
    find.press("Shift+Enter")
    expect(bench.card("step-11-2")).to_be_in_viewport()
    find.press("Escape")
    expect(bench.card("step-11-2")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(bench.card("group-11")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Alt+ArrowUp")
    expect(said(bench)).to_contain_text("group-11 is 11 of 12")
    expect(bench.card("group-11")).to_have_attribute("aria-expanded", "false")


def test_findings_lead_to_the_step(bench: Bench) -> None:
    opened(bench, "long", LONG)
    expect(bench.card("step-3-2")).to_have_attribute("aria-label", re.compile("1 error"))
    bench.head("group-5").click()
    bench.page.keyboard.press("F8")
    expect(bench.card("step-9-2")).to_be_focused()
    bench.page.keyboard.press("F8")
    expect(bench.card("step-3-2")).to_be_focused()
    bench.page.keyboard.press("Shift+F8")
    expect(bench.card("step-9-2")).to_be_focused()
    bench.page.locator(".standing").click()
    found = bench.page.get_by_role("region", name="What the check found")
    found.get_by_role("button", name="Show step-3-2").click()
    expect(bench.card("step-3-2")).to_be_focused()


def test_check_simulation_and_palette_are_of_the_chosen_environment(
    environments: Site, bench: Bench
) -> None:
    text = "name: lifted\nsteps:\n  - name: up\n    command: /lift it\n"
    assert environments is bench.site
    opened(bench, "lifted", text)
    standing = bench.page.locator(".standing")
    expect(standing).to_contain_text("1 error")
    chosen = bench.page.get_by_label("Environment")
    chosen.select_option("staging")
    expect(standing).not_to_contain_text("error")
    expect(bench.palette.get_by_role("button", name="/lift")).to_be_visible()
    bench.page.get_by_role("button", name="Simulate").click()
    simulation = bench.page.get_by_role("region", name="Every way through it")
    expect(simulation).to_contain_text("Every way through it ends")
    chosen.select_option("production")
    expect(standing).to_contain_text("1 error")
    simulation.get_by_role("button", name="Again, as it is now").click()
    expect(simulation).to_contain_text("nothing can be rehearsed")


def test_a_template_is_made_and_then_edited(bench: Bench, operator: Visitor) -> None:
    page = operator.go("/build?template=maintenance&description=Cleans%20up")
    dialog = page.get_by_role("dialog")
    expect(page.locator(".standing")).to_have_text("nothing to check yet")
    expect(dialog.get_by_label("Template")).to_have_value("maintenance")
    expect(dialog.get_by_role("button", name="Make it")).to_be_disabled()
    dialog.get_by_label("Name").fill("9 lives")
    expect(dialog).to_contain_text("Letters, digits")
    dialog.get_by_label("Name").fill("quick")
    dialog.get_by_role("button", name="Make it").click()
    expect(dialog.get_by_role("alert")).to_contain_text("already")
    dialog.get_by_label("Name").fill("tidy-up")
    dialog.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("heading", name="Edit tidy-up")).to_be_visible()
    expect(bench.text).to_contain_text("description: Cleans up")
    assert (bench.site.root / "playbooks/tests/tidy-up.yaml").exists()
    assert operator.complaints == []


def test_every_state_is_accessible(bench: Bench) -> None:
    opened(bench, "nested", NESTED.replace("echo one", "/nothing"))
    page = bench.page
    dialog = page.get_by_role("dialog")
    expect(bench.card("one")).to_have_attribute("aria-label", re.compile("1 error"))
    page.locator(".standing").click()
    found = flaws(page, "findings")
    page.get_by_role("button", name="Failures").click()
    expect(page.get_by_text("nothing can be rehearsed")).to_be_visible()
    found += flaws(page, "errors in a rehearsal")
    bench.head("one").click()
    bench.fill("command", "echo changed ${environment}")
    expect(page.locator(".standing")).not_to_contain_text("error")
    page.get_by_role("button", name="Again, as it is now").click()
    page.locator(".matrix .cell").first.click()
    found += flaws(page, "failures")
    page.get_by_role("button", name="Simulate").click()
    page.get_by_text("The usual way").click()
    found += flaws(page, "simulation")
    page.get_by_role("button", name="Close", exact=True).click()
    field = bench.form.get_by_label("command", exact=True)
    field.fill("echo ${env")
    expect(bench.form.get_by_role("listbox")).to_be_visible()
    found += flaws(page, "completion")
    field.press("Escape")
    page.keyboard.press("Control+z")
    bench.head("one").click()
    page.keyboard.press("Shift+ArrowDown")
    found += flaws(page, "several")
    page.keyboard.press("m")
    found += flaws(page, "menu")
    page.get_by_role("menuitem", name="Move to…").click()
    expect(dialog).to_be_visible()
    found += flaws(page, "moving")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Save…").click()
    expect(dialog).to_be_visible()
    found += flaws(page, "saving")
    page.keyboard.press("Escape")
    box = bench.head("one").bounding_box()
    into = bench.card("right").bounding_box()
    assert box
    assert into
    page.mouse.move(box["x"] + 60, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(into["x"] + 40, into["y"] + 40, steps=4)
    page.mouse.move(into["x"] + 42, into["y"] + 42)
    expect(page.locator(".drop-line")).to_be_visible()
    found += flaws(page, "dragging")
    page.mouse.up()
    bench.text.get_by_text("name").first.click()
    page.keyboard.press("Home")
    page.keyboard.type("[")
    expect(page.get_by_role("button", name="the text cannot be read")).to_be_visible()
    found += flaws(page, "a broken text")
    page.get_by_role("link", name="Schedules").click()
    expect(dialog).to_contain_text("Leave without saving?")
    found += flaws(page, "leaving")
    assert found == []

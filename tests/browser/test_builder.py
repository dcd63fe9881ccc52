"""The builder: a playbook is made and changed, by mouse, by keyboard, and in the text."""

import re

from browser.benching import NESTED, Bench, flaws, opened
from browser.visiting import MODES, PICTURES, Site, Visitor
from playwright.sync_api import expect

DEPLOY = """\
name: deploy-web-app
description: Deploy web application with zero downtime
version: 1.0.0
parameters:
  - name: environment
    required: true
    default: staging
  - name: version
    required: true
steps:
  - name: validate-prerequisites
    command: /test run --suite deployment
    type: validation
  - name: backup-current
    command: /backup create --name pre-deploy-${timestamp}
    type: backup
  - name: deploy-backend
    command: /infra deploy --component backend --version ${version}
    type: deployment
    timeout: 300
    retry: 3
"""


def test_a_playbook_is_built_from_nothing_by_mouse(bench: Bench, operator: Visitor) -> None:
    page = operator.go("/playbooks")
    page.get_by_role("link", name="New playbook").click()
    bench.fill("name", "deploy-web-app")
    bench.fill("description", "Deploy web application with zero downtime")
    bench.fill("version", "1.0.0")
    parameters = bench.form.get_by_role("group", name="parameters")
    for name in ("environment", "version"):
        parameters.get_by_role("button", name="Add to parameters").click()
        entry = parameters.get_by_role("group", name="new_")
        entry.get_by_label(re.compile("^name")).fill(name)
        entry = parameters.get_by_role("group", name=name)
        entry.get_by_text("more", exact=False).first.click()
        entry.get_by_label("required").select_option("true")
    default = parameters.get_by_role("group", name="environment").get_by_label("default")
    default.fill("staging")
    default.blur()

    for name, command, kind in (
        ("validate-prerequisites", "/test run --suite deployment", "validation"),
        ("deploy-backend", "/infra deploy --component backend --version ${version}", "deployment"),
        ("backup-current", "/backup create --name pre-deploy-${timestamp}", "backup"),
    ):
        bench.drag_in(command.split(" ", 1)[0])
        bench.fill("name", name)
        bench.fill("command", command)
        bench.fill("type", kind)
    bench.head("backup-current").drag_to(
        bench.head("deploy-backend"), target_position={"x": 80, "y": 2}
    )
    bench.head("deploy-backend").click()
    bench.more()
    bench.fill("timeout", "300")
    bench.fill("retry", "3")
    expect(bench.text).to_contain_text("retry: 3")
    expect(page.locator(".standing")).to_have_text(re.compile("warnings$|valid$"))

    page.get_by_role("button", name="Save…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Differences")).to_contain_text("+ name: deploy-web-app")
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="Edit deploy-web-app")).to_be_visible()
    assert bench.file("deploy-web-app").read_text() == DEPLOY
    assert operator.complaints == []


def test_steps_are_dragged_into_others_and_back_by_undo(bench: Bench) -> None:
    opened(bench, "nested", NESTED)
    left = bench.card("left").locator("[data-list]").first
    bench.head("one").drag_to(left, target_position={"x": 60, "y": 3})
    expect(bench.card("left").get_by_role("treeitem", name="one")).to_be_visible()
    bench.page.get_by_role("button", name="Undo", exact=True).click()
    expect(bench.card("left").get_by_role("treeitem", name="one")).to_have_count(0)
    expect(bench.page.get_by_role("button", name="Save…")).to_be_disabled()
    bench.head("one").drag_to(bench.card("right").locator(".lane-head").first)
    expect(bench.card("right").get_by_role("treeitem", name="one")).to_be_visible()
    bench.page.get_by_role("button", name="Undo", exact=True).click()
    bench.head("check").click()
    bench.head("check").locator("[data-menu]").click()
    bench.page.get_by_role("menuitem", name="Wrap into transaction").click()
    expect(bench.text).to_contain_text("type: transaction")
    expect(bench.text).to_contain_text("# The first thing.")


def test_the_keyboard_alone_suffices(bench: Bench) -> None:
    page = bench.page
    keys = page.keyboard
    page.goto(f"{bench.site.address}/console/build?name=by-keys")
    bench.steps.get_by_role("treeitem", name="by-keys, playbook").focus()
    for kind, name in (("shell", "first"), ("command", "second"), ("conditional", "third")):
        keys.press("/")
        keys.press("Control+a")
        keys.type(kind)
        keys.press("Enter")
        expect(bench.steps.locator("[role=treeitem]:focus")).to_have_count(1)
        keys.press("Enter")
        expect(bench.form.get_by_label("name", exact=True)).to_be_focused()
        keys.type(name)
        keys.press("Enter")
        expect(bench.card(name)).to_be_visible()
        keys.press("Escape")
        expect(bench.card(name)).to_be_focused()
    keys.press("ArrowUp")
    expect(bench.card("second")).to_be_focused()
    keys.press("Alt+ArrowUp")
    expect(bench.steps.get_by_role("status")).to_contain_text("second is 1 of 3 in steps")
    keys.press("Control+z")
    expect(bench.steps.get_by_role("status")).to_contain_text("Undone")
    keys.press("m")
    keys.press("End")
    keys.press("ArrowUp")
    expect(page.get_by_role("menuitem", name="Duplicate")).to_be_focused()
    keys.press("Escape")
    expect(bench.card("second")).to_be_focused()
    keys.press("Alt+ArrowRight")
    expect(bench.card("third").get_by_role("treeitem", name="second")).to_be_focused()
    keys.press("Alt+ArrowLeft")
    expect(bench.steps.get_by_role("status")).to_contain_text("second is 3 of 3 in steps")
    keys.press("Delete")
    expect(bench.card("second")).to_have_count(0)
    keys.press("Control+s")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Name")).to_have_value("by-keys")
    dialog.get_by_role("button", name="Save", exact=True).focus()
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Edit by-keys")).to_be_visible()
    text = bench.file("by-keys").read_text()
    names = re.findall(r"^[ -]+name: (first|second|third)$", text, re.MULTILINE)
    assert names == ["first", "third"]


def test_a_step_is_moved_to_another_list_without_a_pointer(bench: Bench) -> None:
    opened(bench, "nested", NESTED)
    bench.head("one").click()
    bench.page.keyboard.press("m")
    bench.page.get_by_role("menuitem", name="Move to…").click()
    dialog = bench.page.get_by_role("dialog")
    dialog.get_by_label("Into").select_option("steps / both / branches / right / steps")
    dialog.get_by_role("button", name="Move it").click()
    expect(bench.card("right").get_by_role("treeitem", name="one")).to_be_focused()


def test_form_and_text_are_live_in_each_other(bench: Bench) -> None:
    opened(bench, "nested", NESTED)
    bench.head("one").click()
    bench.fill("command", "echo two")
    expect(bench.text).to_contain_text("command: echo two  # said")
    bench.text.get_by_text("echo right").click()
    expect(bench.card("echo right")).to_have_attribute("aria-selected", "true")
    bench.page.keyboard.press("End")
    bench.page.keyboard.type(" and wrong")
    expect(bench.card("echo right and wrong")).to_be_visible()
    bench.page.keyboard.press("Control+z")
    expect(bench.card("echo right")).to_be_visible()
    bench.page.keyboard.press("Control+z")
    expect(bench.text).to_contain_text("command: echo one  # said")
    bench.page.keyboard.press("Control+Shift+z")
    expect(bench.text).to_contain_text("command: echo two  # said")


def test_a_text_that_cannot_be_read_leaves_the_steps_as_they_were(bench: Bench) -> None:
    opened(bench, "nested", NESTED)
    bench.text.get_by_text("name").first.click()
    bench.page.keyboard.press("Home")
    bench.page.keyboard.type("[")
    expect(bench.page.get_by_role("button", name="the text cannot be read")).to_be_visible()
    expect(bench.card("both")).to_be_visible()
    bench.head("one").click()
    bench.page.keyboard.press("Alt+ArrowDown")
    expect(bench.steps.get_by_role("status")).to_contain_text("mend it first")


def test_what_is_wrong_is_told_at_the_step_and_saved_only_when_asked(bench: Bench) -> None:
    opened(bench, "nested", NESTED)
    bench.head("one").click()
    bench.fill("command", "/no-such-command")
    expect(bench.card("one")).to_have_attribute("aria-label", re.compile("1 error"))
    standing = bench.page.get_by_role("button", name=re.compile("1 error"))
    standing.click()
    found = bench.page.get_by_role("region", name="What the check found")
    expect(found).to_contain_text("there is no command")
    found.get_by_role("button", name="line 7").click()
    expect(bench.text).to_be_focused()
    bench.page.get_by_role("button", name="Save…").click()
    dialog = bench.page.get_by_role("dialog")
    button = dialog.get_by_role("button", name="Save with errors")
    expect(button).to_be_disabled()
    assert bench.file("nested").read_text() == NESTED
    dialog.get_by_label("Save it all the same").check()
    button.click()
    expect(dialog).to_have_count(0)
    wanted = NESTED.replace("command: echo one", "command: /no-such-command")
    assert bench.file("nested").read_text() == wanted


def test_of_a_file_that_changed_meanwhile_one_looks_and_chooses(bench: Bench) -> None:
    opened(bench, "nested", NESTED)
    theirs = NESTED.replace("Several things", "Their things")
    bench.file("nested").write_text(theirs)
    bench.head("one").click()
    bench.fill("command", "echo mine")
    bench.page.get_by_role("button", name="Save…").click()
    dialog = bench.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(dialog).to_contain_text("changed meanwhile")
    expect(dialog.get_by_label("Differences").first).to_contain_text("+ description: Their things")
    expect(dialog.get_by_role("button", name="Overwrite it with mine")).to_be_disabled()
    assert bench.file("nested").read_text() == theirs
    dialog.get_by_role("button", name="Take theirs").click()
    expect(bench.text).to_contain_text("Their things")
    bench.page.get_by_role("button", name="Undo", exact=True).click()
    expect(bench.text).to_contain_text("echo mine")
    bench.save()
    assert "echo mine" in bench.file("nested").read_text()


def test_a_draft_survives_a_reload_and_leaving_asks(bench: Bench) -> None:
    opened(bench, "nested", NESTED)
    page = bench.page
    bench.head("one").click()
    bench.fill("command", "echo draft")
    expect(bench.text).to_contain_text("echo draft")
    page.reload()
    expect(bench.text).to_contain_text("echo draft")
    expect(page.get_by_text("What you had not saved is here again.")).to_be_visible()
    page.get_by_role("link", name="Schedules").click()
    page.get_by_role("button", name="Leave it").click()
    expect(page.get_by_role("heading", name="Edit nested")).to_be_visible()
    page.get_by_role("link", name="Schedules").click()
    page.get_by_role("button", name="Throw my changes away").click()
    expect(page.get_by_role("heading", name="Schedules", exact=True)).to_be_visible()
    opened(bench, "nested", NESTED)
    expect(page.get_by_role("button", name="Save…")).to_be_disabled()


def test_a_draft_does_not_outlive_signing_out(workshop: Site, stranger: Visitor) -> None:
    token = workshop.token("passing-by", "--scope", "admin")
    stranger.sign_in(token)
    bench = opened(Bench(stranger), "nested", NESTED)
    page = bench.page
    bench.head("one").click()
    bench.fill("command", "echo draft")
    expect(bench.text).to_contain_text("echo draft")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("dialog")).to_contain_text("nested")
    page.get_by_role("button", name="Leave it").click()
    expect(bench.text).to_contain_text("echo draft")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Throw it away and sign out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    assert page.evaluate("Object.keys(sessionStorage)") == []
    stranger.sign_in(token)
    opened(bench, "nested", NESTED)
    expect(bench.text).to_contain_text("echo one")
    expect(bench.text).not_to_contain_text("echo draft")
    page.get_by_role("button", name="Sign out").click()  # nothing is lost, so nothing is asked
    expect(page.get_by_text("You are signed out.")).to_be_visible()


def test_who_may_not_save_looks_and_learns_why(workshop: Site, stranger: Visitor) -> None:
    stranger.sign_in(workshop.token("onlooker", "--scope", "view"))
    bench = opened(Bench(stranger), "nested", NESTED)
    expect(bench.page.get_by_text("You can look, and change nothing.")).to_be_visible()
    expect(bench.page.get_by_role("button", name="Save…")).to_have_count(0)
    bench.head("one").click()
    expect(bench.form.get_by_label("command", exact=True)).not_to_be_editable()
    bench.page.keyboard.press("Delete")
    expect(bench.card("one")).to_be_visible()


def test_a_thousand_steps_stay_usable(bench: Bench) -> None:
    steps = "".join(f"  - name: step-{n}\n    command: echo {n}\n" for n in range(1000))
    opened(bench, "long", f"name: long\ndescription: Long\nsteps:\n{steps}")
    bench.head("step-500").click()
    bench.page.keyboard.press("Alt+ArrowUp")
    expect(bench.steps.get_by_role("status")).to_contain_text("step-500 is 500 of 1000")
    bench.fill("command", "echo changed")
    expect(bench.text).to_contain_text("echo changed")


def test_the_builder_is_accessible(workshop: Site, bench: Bench, operator: Visitor) -> None:
    opened(bench, "nested", NESTED.replace("echo one", "/nothing"))
    expect(bench.card("one")).to_have_attribute("aria-label", re.compile("1 error"))
    bench.head("check").click()
    PICTURES.mkdir(parents=True, exist_ok=True)
    found: list[str] = []
    for mode, look in MODES.items():
        bench.page.set_viewport_size(look["viewport"])
        bench.page.emulate_media(color_scheme=look["color_scheme"])
        bench.page.screenshot(path=PICTURES / f"builder-{mode}.png")
        if mode != "dark":
            found += flaws(bench.page, mode)
    assert found == []
    assert operator.complaints == []
    assert [one for one in operator.requests if not one.startswith(workshop.address)] == []

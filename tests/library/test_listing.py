"""Lists and searches of the library."""

import os
from pathlib import Path

import pytest

from orchestrate.errors import NotFoundError, UsageError
from orchestrate.library.listing import Entry, find_entry, list_library, of_category
from orchestrate.library.search import search
from orchestrate.project.model import Project

STEP = "steps: [{command: /bin/true}]\n"


def write(project: Project, name: str, text: str = STEP) -> Path:
    file = project.root / "playbooks" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def named(project: Project, name: str) -> Entry:
    (entry,) = [entry for entry in list_library(project) if entry.name == name]
    return entry


def found(project: Project, pattern: str) -> list[str]:
    return [match.entry.name for match in search(list_library(project), pattern)]


def test_a_playbook_is_listed_with_what_it_says_of_itself(project: Project) -> None:
    write(
        project,
        "x.yaml",
        "name: release\ndescription: Ship it\nversion: 1.10\n"
        f"category: deployment\ntags: [web]\n{STEP}",
    )
    entry = named(project, "release")
    assert (entry.path, entry.description, entry.version) == ("playbooks/x.yaml", "Ship it", "1.10")
    assert (entry.category, entry.tags, entry.shipped) == ("deployment", ("web",), False)


def test_a_broken_playbook_is_listed_and_hides_no_other(project: Project) -> None:
    write(project, "good.yaml")
    write(project, "wrong.yaml", "description: Half\ntags: [a, b]\nsteps: [{comand: x}, {}]\n")
    write(project, "binary.yaml", "\0")
    os.mkfifo(project.root / "playbooks" / "pipe.yaml")
    (project.root / "playbooks" / "gone.yaml").symlink_to("nowhere")
    assert named(project, "good").plan is not None
    wrong = named(project, "wrong")
    assert wrong.plan is None
    assert wrong.errors == 2
    assert wrong.problem.startswith("playbooks/wrong.yaml:3:")
    assert (wrong.description, wrong.tags) == ("Half", ("a", "b"))
    assert named(project, "binary").errors == 1
    assert named(project, "pipe").problem == "playbooks/pipe.yaml is no regular file"
    assert named(project, "gone").errors == 1


def test_shipped_playbooks_are_listed_unless_the_project_has_one_of_the_name(
    project: Project,
) -> None:
    assert named(project, "daily-backup").shipped
    write(project, "mine.yaml", f"name: daily-backup\n{STEP}")
    assert not named(project, "daily-backup").shipped


def test_playbooks_of_one_name_are_told_apart_by_their_paths(project: Project) -> None:
    write(project, "a/x.yaml")
    write(project, "b/x.yaml")
    names = [entry.name for entry in list_library(project) if not entry.shipped]
    assert names == ["playbooks/a/x.yaml", "playbooks/b/x.yaml"]
    assert find_entry(project, "playbooks/a/x.yaml").path == "playbooks/a/x.yaml"
    with pytest.raises(NotFoundError):
        find_entry(project, "nowhere.yaml")


def test_a_category_may_be_any_that_is_there_and_a_wrong_one_names_the_nearest(
    project: Project,
) -> None:
    write(project, "x.yaml", f"category: Reporting\n{STEP}")
    entries = list_library(project)
    assert [entry.name for entry in of_category(entries, "reporting")] == ["x"]
    own = [entry for entry in entries if not entry.shipped]
    assert of_category(own, "security") == []
    with pytest.raises(UsageError) as caught:
        of_category(entries, "recovry")
    assert caught.value.hint.startswith("Did you mean recovery?")


def test_names_count_more_than_tags_and_these_more_than_descriptions(project: Project) -> None:
    write(project, "zebra.yaml")
    write(project, "a.yaml", f"description: One zebra\n{STEP}")
    write(project, "b.yaml", f"tags: [zebra]\n{STEP}")
    write(project, "c.yaml", "steps: [{command: ./feed --animal zebra}]\n")
    write(project, "d.yaml", f"name: my-zebras\n{STEP}")
    assert found(project, "ZEBRA") == ["zebra", "my-zebras", "b", "a", "c"]


def test_every_word_must_occur_somewhere(project: Project) -> None:
    write(project, "zebra.yaml", "steps: [{command: ./feed hay}]\n")
    assert found(project, "zebra hay") == ["zebra"]
    assert found(project, "zebra straw") == []
    assert found(project, "  ") == []


def test_stars_and_question_marks_stand_for_other_characters(project: Project) -> None:
    write(project, "zebra.yaml")
    assert found(project, "zeb*a") == ["zebra"]
    assert found(project, "ze?ra") == ["zebra"]
    assert found(project, "ze.ra") == []
    assert found(project, "[(") == []


def test_a_match_says_where_it_is(project: Project) -> None:
    write(project, "x.yaml", f"description: {'long ' * 40}zebra {'tail ' * 60}\n{STEP}")
    (match,) = search(list_library(project), "zebra")
    assert match.field == "description"
    assert match.text.startswith("…")
    assert match.text.endswith("…")
    ((start, end),) = match.spans
    assert match.text[start:end] == "zebra"

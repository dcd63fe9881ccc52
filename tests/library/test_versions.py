"""Versions of a playbook: its file, git's history, what ran; a real store and a real git tree."""

import os
import subprocess
from pathlib import Path

import pytest

from orchestrate.app import open_app
from orchestrate.errors import ConflictError, NotFoundError
from orchestrate.library.listing import find_entry
from orchestrate.library.plans import load_plan
from orchestrate.library.versions import (
    Version,
    compare,
    digest_of,
    last_workflows,
    versions_of,
)
from orchestrate.project.model import Project
from orchestrate.workflow.engine import Engine, NewWorkflow
from orchestrate.workflow.program import RunOptions

ONE = "version: '1'\nsteps: [{name: a, command: /bin/true, timeout: 5}]\n"
TWO = "version: '2'\nsteps: [{name: a, command: /bin/true}, {name: b, command: /bin/true}]\n"


def write(project: Project, text: str) -> Path:
    file = project.root / "playbooks" / "x.yaml"
    file.write_text(text)
    return file


def git(project: Project, *words: str) -> None:
    who = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a"}
    subprocess.run(
        ["git", "-c", "user.email=a@b", "-c", "commit.gpgsign=false", *words],
        cwd=project.root,
        env={**os.environ, **who},
        check=True,
        capture_output=True,
    )


def commit(project: Project, subject: str) -> None:
    git(project, "add", "playbooks")
    git(project, "commit", "-q", "-m", subject)


def create(engine: Engine, project: Project) -> str:
    """A workflow of the playbook as it is now; it need not run to be a version that was used."""
    plan = load_plan(project, None, "x").plan
    new = NewWorkflow(plan, {}, {}, "dev", {}, {}, "ada", RunOptions())
    return engine.create(new)[0]


def versions(engine: Engine, project: Project) -> list[Version]:
    entry = find_entry(project, "x")
    return versions_of(engine, entry, last_workflows(engine, entry))


def diff(engine: Engine, project: Project, first: str, second: str) -> tuple[list[str], ...]:
    entry = find_entry(project, "x")
    one, other, by_text = compare(
        engine, project, entry, versions(engine, project), (first, second)
    )
    return [str(by_text)], list(one.lines), list(other.lines)


def test_the_current_version_comes_first_then_what_was_met_last(project: Project) -> None:
    write(project, ONE)
    with open_app(project.root, {}).open_engine() as engine:
        ran = create(engine, project)
        write(project, TWO)
        current, former = versions(engine, project)
    assert (current.digest, current.current) == (digest_of(TWO.encode()), True)
    assert current.workflows == ()
    assert (former.digest, former.current) == (digest_of(ONE.encode()), False)
    assert [which.id for which in former.workflows] == [ran]
    assert (former.declared, former.text) == ("1", None)


def test_what_ran_and_is_in_no_file_any_more_is_compared_by_its_steps(project: Project) -> None:
    write(project, ONE)
    with open_app(project.root, {}).open_engine() as engine:
        create(engine, project)
        write(project, TWO)
        assert diff(engine, project, digest_of(ONE.encode())[:8], "current") == (
            ["False"],
            ["a: /bin/true [timeout 5s]"],
            ["a: /bin/true", "b: /bin/true"],
        )


def test_git_knows_the_texts_of_earlier_versions(project: Project) -> None:
    git(project, "init", "-q")
    write(project, ONE)
    commit(project, "the first")
    git(project, "tag", "v1")
    with open_app(project.root, {}).open_engine() as engine:
        create(engine, project)
        write(project, TWO)
        commit(project, "the second")
        current, former = versions(engine, project)
        assert [it.subject for it in current.commits] == ["the second"]
        assert [it.subject for it in former.commits] == ["the first"]
        assert len(former.workflows) == 1
        assert (current.declared, former.declared) == ("2", "1")
        for name in ("v1", "HEAD~1", former.digest[:10], former.commits[0].revision[:9]):
            assert diff(engine, project, name, "current") == (
                ["True"],
                ONE.splitlines(),
                TWO.splitlines(),
            )


def test_a_plan_digest_names_a_version_too(project: Project) -> None:
    write(project, ONE)
    plan = load_plan(project, None, "x").plan
    with open_app(project.root, {}).open_engine() as engine:
        create(engine, project)
        assert diff(engine, project, plan.digest[:9], "current")[0] == ["True"]


def test_a_removed_file_and_odd_names_in_history_do_no_harm(project: Project) -> None:
    git(project, "init", "-q")
    file = write(project, ONE)
    commit(project, "there")
    file.unlink()
    git(project, "rm", "-q", "--cached", "playbooks/x.yaml")
    git(project, "commit", "-q", "-m", "gone")
    write(project, TWO)
    commit(project, "back; with 'quotes' and ü")
    with open_app(project.root, {}).open_engine() as engine:
        subjects = [it.subject for version in versions(engine, project) for it in version.commits]
    assert subjects == ["back; with 'quotes' and ü", "there"]


@pytest.mark.parametrize("name", ["nowhere", "abc", "--output=x", "ffffffff"])
def test_an_unknown_version_says_which_there_are(project: Project, name: str) -> None:
    write(project, ONE)
    with (
        open_app(project.root, {}).open_engine() as engine,
        pytest.raises(NotFoundError) as caught,
    ):
        diff(engine, project, name, "current")
    assert digest_of(ONE.encode())[:12] in caught.value.hint
    assert not (project.root / "playbooks" / "x").exists()


def test_too_short_a_digest_may_be_several(project: Project) -> None:
    write(project, ONE)
    entry = find_entry(project, "x")
    fakes = [
        Version(
            f"abcd{n}", current=False, commits=(), workflows=(), declared=None, text=b"", plans=()
        )
        for n in range(2)
    ]
    with (
        open_app(project.root, {}).open_engine() as engine,
        pytest.raises(ConflictError, match="abcd could be several versions: abcd0, abcd1"),
    ):
        compare(engine, project, entry, fakes, ("abcd", "abcd0"))

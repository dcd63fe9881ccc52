"""A `run` that is refused before it begins leaves nothing behind."""

from polling import eventually


def test_the_supervisor_that_was_started_ahead_takes_its_directory_along(project) -> None:
    project.playbook("wrong", "steps:\n  - name: a\n    comand: /bin/true\n")
    project.playbook("asks", "parameters: [{name: a}]\nsteps: [{command: 'true ${a}'}]\n")
    supervisors = project.root / ".orchestrate" / "supervisors"
    for words, code in (
        (("run", "wrong"), 2),
        (("run", "asks"), 2),
        (("run", "nowhere"), 3),
        (("run", "asks", "--parameters", "a=1", "--environment", "production"), 0),
    ):
        assert project(*words).code == code, words
    eventually(lambda: not list(supervisors.iterdir()), "no directories of supervisors")


def test_without_a_name_nothing_is_started(project) -> None:
    done = project("run")
    assert done.code == 2
    assert "which playbook shall be run?" in done.err
    assert not (project.root / ".orchestrate").exists()

"""`orchestrate deliveries` where there is nothing, and with words that make no sense."""

import pytest
from this_year import YEAR


def test_an_empty_project_has_nothing_to_tell(project) -> None:
    done = project.ok("deliveries")
    assert done.out == "nothing waits to be delivered, and nothing failed\n"
    assert project.ok("deliveries", "--all", "--json").json == []
    assert not (project.root / ".orchestrate").exists()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--workflow", f"WF-{YEAR}-009"), 3, f"there is no workflow WF-{YEAR}-009"),
        (("--retry", f"WF-{YEAR}-001/3/slack"), 3, f"there is no delivery WF-{YEAR}-001/3/slack"),
        (("--drop", "all"), 3, "there is no delivery all"),
        (("--retry", "all", "--drop", "x"), 2, "that asks for several things at once"),
        (("--retry", "all", "--all"), 2, "that asks for several things at once"),
    ],
)
def test_what_is_not_there_is_said(project, words: tuple[str, ...], code: int, said: str) -> None:
    done = project("deliveries", *words)
    assert (done.code, said in done.err) == (code, True)

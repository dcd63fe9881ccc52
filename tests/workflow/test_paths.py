import pytest

from orchestrate.workflow import paths


@pytest.mark.parametrize(
    ("path", "parent"),
    [
        ("deploy", ""),
        ("spread/left/1", "spread/left"),
        ("regions[eu-west-1]/1", "regions[eu-west-1]"),
        ("regions[eu-west-1]", "regions"),
        ("loop[a][retry 2]", "loop[a]"),
        ("deploy/on_failure/1", "deploy/on_failure"),
    ],
)
def test_what_contains_a_path(path: str, parent: str) -> None:
    assert paths.parent(path) == parent


def test_within_respects_the_ends_of_keys() -> None:
    assert paths.within("regions[eu]/1", "regions")
    assert paths.within("regions[eu]/1", "regions[eu]")
    assert not paths.within("regions-2/1", "regions")


@pytest.mark.parametrize(
    ("items", "keys"),
    [
        (["us-east-1", "eu-west-1"], ["us-east-1", "eu-west-1"]),
        ([10, 25.5, True], ["10", "25.5", "true"]),
        (["a", "a"], ["0", "1"]),
        ([1, "1"], ["0", "1"]),
        (["a/b", "c"], ["0", "1"]),
        (["a]", "c"], ["0", "1"]),
        (["", "c"], ["0", "1"]),
        (["x" * 65, "c"], ["0", "1"]),
        ([None, "c"], ["0", "1"]),
        ([{"a": 1}, [2]], ["0", "1"]),
        ([], []),
    ],
)
def test_keys_of_iterations(items: list[object], keys: list[str]) -> None:
    assert list(paths.iteration_keys(items)) == keys  # type: ignore[arg-type]


def test_the_static_path_has_no_iterations() -> None:
    assert paths.static("a[x]/b[y][retry 2]/c") == "a/b/c"

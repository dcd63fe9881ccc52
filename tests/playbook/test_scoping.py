"""Which names can be used where, as editors are told."""

from typing import Any

from orchestrate.errors import Place
from orchestrate.playbook.compile import Compilation, check_playbook
from orchestrate.playbook.pointing import Paths
from orchestrate.playbook.scoping import path_json, scopes_json

FILE = "p.yaml"


def compiled(text: str) -> Compilation:
    return check_playbook(FILE, text.encode(), lambda _: None)


def scopes(text: str) -> dict[str, Any]:
    found = compiled(text)
    return scopes_json(found.scopes[FILE], Paths(found.documents[FILE]))


def names(found: dict[str, Any], *path: str | int) -> dict[str, Any]:
    """What is seen at a path."""
    frame = next(each["frame"] for each in found["places"] if each["path"] == list(path))
    seen: dict[str, Any] = {}
    while frame is not None:
        seen = {each["name"]: each for each in found["frames"][frame]["names"]} | seen
        frame = found["frames"][frame]["parent"]
    return seen


def told(seen: dict[str, Any], *kinds: str) -> set[str]:
    return {name for name, each in seen.items() if each["kind"] in kinds}


def fields(name: dict[str, Any], *path: str) -> list[str]:
    for key in path:
        name = next(each for each in name["fields"] if each["name"] == key)
    return [each["name"] for each in name.get("fields", [])]


def test_a_step_sees_what_is_written_before_it() -> None:
    found = scopes(
        "parameters: [{name: count, type: integer}]\n"
        "variables: {base: x}\n"
        "secrets: [{name: key, source: environment}]\n"
        "steps:\n"
        "  - {name: one, shell: 'true'}\n"
        "  - {type: set, variables: {made: 1}}\n"
        "  - {name: two, shell: 'true'}\n"
        "finally:\n"
        "  - {name: last, shell: 'true'}\n"
    )
    mine = ("step", "variable", "parameter")
    assert told(names(found), *mine) == {"count", "base"}
    assert told(names(found, "steps", 0), *mine) == {"count", "base"}
    assert told(names(found, "steps", 2), *mine) == {"count", "base", "one", "made"}
    assert told(names(found, "steps", 2, "outputs"), "step") == {"one", "two"}
    assert told(names(found, "finally", 0), "step") == {"one", "two"}
    assert told(names(found, "outputs"), "step") == {"one", "two"}
    assert names(found)["count"]["type"] == "integer"
    assert fields(names(found)["secrets"]) == ["key"]
    assert fields(names(found)["run"]) == ["id", "actor", "environment", "started_at"]
    assert "error" not in names(found, "steps", 2)
    assert fields(names(found, "finally", 0)["error"]) == ["step", "message", "exit_code"]


def test_needs_narrow_what_is_seen() -> None:
    found = scopes(
        "steps:\n"
        "  - {name: a, shell: 'true'}\n"
        "  - {name: b, shell: 'true', needs: []}\n"
        "  - {name: c, shell: 'true', needs: [b]}\n"
        "  - {name: d, shell: 'true'}\n"
    )
    assert told(names(found, "steps", 1), "step") == set()
    assert told(names(found, "steps", 2), "step") == {"b"}
    assert told(names(found, "steps", 3), "step") == {"a", "b", "c"}


def test_results_have_what_is_known_of_them() -> None:
    found = scopes(
        "steps:\n"
        "  - name: spread\n"
        "    type: parallel\n"
        "    branches:\n"
        "      - {name: left, steps: [{name: make, shell: 'true'}]}\n"
        "      - {name: right, steps: [{name: make, shell: 'true'}]}\n"
        "  - name: loop\n"
        "    type: foreach\n"
        "    items: [a, b]\n"
        "    as: item\n"
        "    steps:\n"
        "      - {name: deploy, shell: 'true', outputs: {url: x}}\n"
        "  - {name: gate, type: approval, message: ok?, inputs: [{name: window}]}\n"
        "  - {name: ready, type: wait, shell: 'true', until: ready.success}\n"
        "  - {shell: 'true'}\n"
    )
    seen = names(found, "steps", 4)
    assert fields(seen["spread"], "left") == ["make"]
    assert "stdout" in fields(seen["spread"], "left", "make")
    assert fields(seen["loop"], "results", "[]", "deploy", "output") == ["url"]
    assert fields(seen["gate"], "output")[0] == "window"
    assert told(names(found, "steps", 1, "steps", 0), "loop variable") == {"item"}
    assert names(found, "steps", 0, "branches", 1, "steps", 0).keys().isdisjoint({"make", "left"})
    assert "ready" in names(found, "steps", 3, "until")
    assert "ready" not in names(found, "steps", 3)


def test_handlers_see_their_step_and_its_steps_do_not() -> None:
    found = scopes(
        "steps:\n"
        "  - name: outer\n"
        "    type: transaction\n"
        "    steps:\n"
        "      - name: inner\n"
        "        shell: 'true'\n"
        "        compensate: [{shell: 'true'}]\n"
        "    on_failure: [{shell: 'true'}]\n"
    )
    inside = ("steps", 0, "steps", 0)
    assert told(names(found, *inside), "step") == set()
    assert told(names(found, *inside, "compensate", 0), "step") == {"inner"}
    assert told(names(found, "steps", 0, "on_failure", 0), "step") == {"outer"}
    assert "error" in names(found, *inside, "compensate", 0)


def test_a_playbook_with_mistakes_has_scopes_too() -> None:
    found = scopes("steps:\n  - {name: a, shel: x}\n  - {name: b, shell: '${nowhere.x}'}\n")
    assert told(names(found, "steps", 1), "step") == {"a"}


def test_a_long_playbook_is_told_in_as_many_small_frames() -> None:
    steps = "".join(f"  - {{name: s{number}, shell: 'true'}}\n" for number in range(300))
    found = scopes(f"steps:\n{steps}")
    assert told(names(found, "steps", 299), "step") == {f"s{number}" for number in range(299)}
    assert sum(len(frame["names"]) for frame in found["frames"]) < 1000


def test_places_lead_to_paths() -> None:
    text = (
        "name: x\n"
        "steps:\n"
        "  - name: a\n"
        "    env: {A: 1}\n"
        "    on_failure:\n"
        "      - shell: |\n"
        "          no\n"
    )
    paths = Paths(compiled(text).documents[FILE])
    assert path_json(paths, Place(FILE, 1, 7)) == ["name"]
    assert path_json(paths, Place(FILE, 3, 5)) == ["steps", 0, "name"]
    assert path_json(paths, Place(FILE, 4, 14)) == ["steps", 0, "env", "A"]
    assert path_json(paths, Place(FILE, 7, 12)) == ["steps", 0, "on_failure", 0, "shell"]
    assert path_json(paths, Place("other.yaml", 1, 1)) is None
    assert path_json(None, Place(FILE, 1, 1)) is None

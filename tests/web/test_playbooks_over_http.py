import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
from polling import eventually

NEW = "name: fresh\nsteps:\n  - {name: a, shell: echo a}\n"


def test_a_playbook_is_saved_if_nobody_changed_it_meanwhile(
    served: Any, admin: httpx.Client
) -> None:
    url = "/playbooks/fresh/source"
    assert admin.get(url).status_code == 404
    assert admin.put(url, content=NEW).status_code == 428
    assert admin.put(url, content=NEW, headers={"If-None-Match": "*"}).status_code == 201
    assert admin.put(url, content=NEW, headers={"If-None-Match": "*"}).status_code == 412
    read = admin.get(url)
    assert read.text == NEW
    tag = {"If-Match": read.headers["etag"]}
    edited = NEW.replace("echo a", "echo b")
    assert admin.put(url, content=edited, headers=tag).status_code == 200
    late = admin.put(url, content=NEW, headers=tag)
    assert (late.status_code, late.json()["code"]) == (412, "changed")
    assert (served.root / "playbooks" / "fresh.yaml").read_text() == edited
    saved = [e for e in admin.get("/audit").json()["items"] if e["action"] == "playbook_saved"]
    assert [(e["actor"], e["subject"]) for e in saved] == [("admin", "playbooks/fresh.yaml")] * 2


def test_what_is_invalid_is_saved_only_if_asked(served: Any, admin: httpx.Client) -> None:
    url, new = "/playbooks/broken/source", {"If-None-Match": "*"}
    refused = admin.put(url, content="steps: 3\n", headers=new)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid-playbook")
    assert refused.json()["problems"][0]["line"] == 1
    assert not (served.root / "playbooks" / "broken.yaml").exists()
    accepted = admin.put(f"{url}?invalid=accept", content="steps: 3\n", headers=new)
    assert accepted.status_code == 201
    listed = {e["name"]: e["valid"] for e in admin.get("/playbooks").json()["items"]}
    assert (listed["broken"], listed["quick"]) == (False, True)


def test_nothing_outside_of_the_playbooks_is_read_or_written(
    served: Any, admin: httpx.Client
) -> None:
    (served.root / "secret.yaml").write_text("steps: []\n")
    for name in ("..%2Fsecret", "%2Fetc%2Fpasswd", ".hidden", "~root", "a%2F..%2Fb", "x.yaml"):
        url = f"/playbooks/{name}/source"
        assert admin.get(url).status_code == 404, name
        put = admin.put(url, content=NEW, headers={"If-None-Match": "*"})
        assert put.status_code == 404, name
    (served.root / "playbooks" / "led").symlink_to(served.root)
    led = admin.put("/playbooks/led%2Fx/source", content=NEW, headers={"If-None-Match": "*"})
    assert led.status_code == 409


def test_of_a_playbook_that_comes_with_the_program_the_project_gets_its_own(
    served: Any, admin: httpx.Client
) -> None:
    own = served.root / "playbooks" / "daily-backup.yaml"
    url = "/playbooks/daily-backup/source"
    shipped = admin.get(url)
    assert admin.put(url, content=NEW, headers={"If-Match": '"other"'}).status_code == 412
    assert not own.exists()
    edited = shipped.content.replace(b"name: daily-backup", b"name: daily-backup # ours", 1)
    saved = admin.put(url, content=edited, headers={"If-Match": shipped.headers["etag"]})
    assert saved.status_code == 201
    assert own.read_bytes() == edited == admin.get(url).content != shipped.content
    again = {"If-Match": shipped.headers["etag"]}
    assert admin.put(url, content=NEW, headers=again).status_code == 412
    assert admin.put(url, content=NEW, headers={"If-None-Match": "*"}).status_code == 412
    new = {"If-None-Match": "*"}
    assert admin.put("/playbooks/monthly-audit/source", content=NEW, headers=new).status_code == 201


def test_a_text_is_checked_without_being_saved(admin: httpx.Client) -> None:
    wrong = admin.post("/check", json={"text": "steps:\n  - {name: a, shel: x}\n"}).json()
    assert wrong["valid"] is False
    assert wrong["findings"][0]["line"] == 2
    right = admin.post("/check", json={"text": NEW}).json()
    assert right["valid"] is True
    assert right["graph"]["groups"][0]["figures"][0]["path"] == "a"


def test_a_check_says_where_in_the_document_and_which_names_there_are(admin: httpx.Client) -> None:
    text = (
        "parameters: [{name: region, description: where}]\n"
        "steps:\n"
        "  - {name: first, shell: echo, outputs: {url: x}}\n"
        "  - type: foreach\n"
        "    items: [1, 2]\n"
        "    as: number\n"
        "    steps:\n"
        "      - {name: inner, shell: 'echo ${regon}'}\n"
    )
    answer = admin.post("/check", json={"text": text}).json()
    [wrong] = [one for one in answer["findings"] if one["severity"] == "error"]
    assert (wrong["rule"], wrong["line"]) == ("undefined-name", 8)
    assert wrong["path"] == ["steps", 1, "steps", 0, "shell"]
    frames = answer["scopes"]["frames"]
    frame: int | None = next(
        place["frame"]
        for place in answer["scopes"]["places"]
        if place["path"] == ["steps", 1, "steps", 0]
    )
    seen = {}
    while frame is not None:
        seen = {name["name"]: name for name in frames[frame]["names"]} | seen
        frame = frames[frame]["parent"]
    assert seen["number"] == {"name": "number", "kind": "loop variable", "type": "integer"}
    assert seen["region"]["description"] == "where"
    output = next(one for one in seen["first"]["fields"] if one["name"] == "output")
    assert [one["name"] for one in output["fields"]] == ["url"]
    assert "inner" not in seen
    assert "default" in [one["name"] for one in answer["scopes"]["filters"]]


def test_a_text_may_speak_of_characters_that_no_text_may_hold(admin: httpx.Client) -> None:
    text = "steps:\n  - {name: a, shell: 'printf \\u0000'}\n"
    found = admin.post("/check", json={"text": text})
    assert (found.status_code, found.json()["valid"]) == (200, True)
    found = admin.post("/check", json={"text": f"# \\{chr(0)}\n{text}"})
    assert (found.status_code, found.json()["code"]) == (400, "unreadable")


def test_a_text_is_rehearsed_without_being_saved(served: Any, admin: httpx.Client) -> None:
    text = "steps:\n  - {name: a, shell: echo a}\n  - {type: assert, condition: 1 > 2}\n"
    walked = admin.post("/check/simulation", json={"text": text, "name": "unheard-of"}).json()
    assert walked["simulation"]["problems"][0]["path"] == "2"
    found = [one for one in walked["findings"] if one["rule"] == "fails-in-simulation"]
    assert found[0]["path"][:2] == ["steps", 1]
    matrix = admin.post("/check/failures", json={"text": text}).json()
    assert [step["path"] for step in matrix["failures"]["steps"]] == ["a"]
    broken = admin.post("/check/failures", json={"text": "steps: ["}).json()
    assert (broken["valid"], "failures" in broken) == (False, False)
    assert broken["findings"][0]["path"] is None
    assert not (served.root / "playbooks" / "unheard-of.yaml").exists()


def test_a_form_has_a_schema_and_a_dry_run_does_nothing(admin: httpx.Client) -> None:
    form = admin.get("/playbooks/asks/form").json()
    assert form["schema"]["properties"] == {"n": {"type": "integer", "default": 2}}
    before = admin.get("/workflows").json()["items"]
    planned = admin.post("/playbooks/asks/dry-run", json={"parameters": {"n": 7}}).json()
    assert planned["parameters"] == {"n": 7}
    assert [step["path"] for step in planned["steps"]][:2] == ["one", "ask"]
    assert admin.get("/workflows").json()["items"] == before
    walked = admin.post("/playbooks/asks/simulation", json={}).json()
    assert walked["simulation"]["problems"] == []
    matrix = admin.post("/playbooks/asks/failures", json={}).json()
    assert matrix["failures"]["steps"]


def test_schedules_are_made_changed_and_removed(admin: httpx.Client) -> None:
    call = {"playbook": "quick", "name": "nightly", "cron": "0 2 * * *", "time_zone": "UTC"}
    made = admin.post("/schedules", json=call)
    assert (made.status_code, made.json()["enabled"]) == (201, False)
    other = admin.post("/schedules", json={**call, "cron": "0 3 * * *"})
    assert other.status_code == 409
    assert admin.patch("/schedules/nightly", json={"enabled": True}).json()["enabled"] is True
    coming = admin.get("/schedules/nightly/slots", params={"limit": 2}).json()["items"]
    assert [slot["slot"][-5:] for slot in coming] == ["02:00", "02:00"]
    calendar = admin.get("/calendar", params={"hours": 48}).json()["items"]
    assert {slot["schedule"] for slot in calendar} == {"nightly"}
    assert admin.post("/schedules/nightly/run", json={}).status_code == 201
    assert admin.delete("/schedules/nightly").status_code == 204
    assert admin.get("/schedules/nightly").status_code == 404
    wrong = admin.post("/slots", json={"cron": "61 * * * *"})
    assert wrong.status_code == 422


def test_of_many_who_save_at_once_what_they_have_read_one_does(
    served: Any, admin: httpx.Client
) -> None:
    url = "/playbooks/rivals/source"
    tag = admin.put(url, content=NEW, headers={"If-None-Match": "*"}).headers["etag"]
    texts = [NEW.replace("echo a", f"echo {n}") for n in range(8)]
    for _ in range(5):
        with ThreadPoolExecutor(len(texts)) as pool:
            asked = [
                pool.submit(admin.put, url, content=text, headers={"If-Match": tag})
                for text in texts
            ]
            answers = [one.result() for one in asked]
        statuses = [answer.status_code for answer in answers]
        assert sorted(statuses) == [200] + [412] * 7
        tag = answers[statuses.index(200)].headers["etag"]
        assert (served.root / "playbooks" / "rivals.yaml").read_text() == texts[statuses.index(200)]
        texts = [text.replace("echo ", "echo more ") for text in texts]


def test_what_an_editor_saves_while_a_text_is_checked_is_not_lost(
    served: Any, admin: httpx.Client
) -> None:
    steps = "".join(f"  - {{name: s{n}, shell: echo {n}}}\n" for n in range(2000))
    file = served.root / "playbooks" / "long.yaml"
    file.write_text(f"name: long\nsteps:\n{steps}")
    read = admin.get("/playbooks/long/source")
    headers = {"If-Match": read.headers["etag"]}
    began = _worked(served)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(
            admin.put, "/playbooks/long/source", content=f"{read.text}# mine\n", headers=headers
        )
        eventually(
            lambda: asked.done() or _worked(served) > began + 0.2, "the check to be under way"
        )
        file.write_text(f"{read.text}# theirs\n")
        found = asked.result()
    assert found.status_code in (412, 200)  # 200: it was saved before them
    assert file.read_text().endswith("# theirs\n")


def _worked(served: Any) -> float:
    """Seconds of the processor that the daemon has used."""
    fields = Path(f"/proc/{served.daemon.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

"""The audit: whatever somebody does to the store with another program is found, and named."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from orchestrate.embedded import backup, database, retention
from orchestrate.embedded.actions import Author
from orchestrate.embedded.auditing import cutting, signatures, signing
from orchestrate.embedded.auditing.following import Finding
from orchestrate.embedded.auditing.verifying import Verification
from orchestrate.embedded.schedules import StoredSchedules
from orchestrate.embedded.store import Store
from orchestrate.errors import UsageError
from orchestrate.triggers.schedules import Schedule
from orchestrate.workflow.outcomes import State

STEPS = """
name: steps
parameters: [{name: who, default: nobody}]
steps:
  - {name: one, command: /bin/true}
  - {name: two, type: set, variables: {x: 1}}
  - {name: three, command: /bin/true}
"""
ASKS = "name: asks\nsteps:\n  - {name: ask, type: approval, message: go on?}\n"
ADA = Author("ada", {"host": "here"})


class Site:
    """Two workflows that ended and one that waits, and what is found in their store."""

    def __init__(self, project) -> None:
        engine = project.engine(actor="ada", origin={"host": "here", "pid": 7})
        self.state: Path = project.state
        self.first, self.second, self.waiting = (
            engine.create(project.new(text))[0] for text in (STEPS, STEPS, ASKS)
        )
        assert engine.run(self.first).state is State.SUCCEEDED
        assert engine.run(self.second).state is State.SUCCEEDED
        assert engine.run(self.waiting).state is State.WAITING
        StoredSchedules(engine.store, ADA).put(schedule("nightly"))
        engine.close()

    def tamper(self, *statements: str) -> None:
        """As somebody would with a SQLite shell."""
        connection = sqlite3.connect(self.state / database.FILE)
        with connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()

    def opened(self, use: Callable[[Store], object]) -> object:
        store = Store(self.state)
        try:
            return use(store)
        finally:
            store.close()

    def findings(self) -> list[tuple[str, str, int | None]]:
        found: list[Finding] = []
        self.opened(lambda store: found.extend(Verification(store)))
        return [(f.kind, f.workflow, f.number) for f in found]

    def messages(self) -> str:
        found: list[Finding] = []
        self.opened(lambda store: found.extend(Verification(store)))
        return "\n".join(f.message for f in found)


def schedule(name: str) -> Schedule:
    return Schedule(
        name=name, playbook="steps", cron="0 2 * * *", zone="UTC", environment=None,
        parameters={}, actor="ada", decided_until=time.time(),
    )  # fmt: skip


@pytest.fixture
def site(project) -> Iterator[Site]:
    return Site(project)


def test_what_nobody_touched_is_as_it_was_recorded(site):
    assert site.findings() == []


@pytest.mark.parametrize(
    "column", ["data = replace(data, '}', ', \"x\":1}')", "path = 'other'", "at = at + 1",
               "type = 'warned'", "data = 7"],
)  # fmt: skip
def test_an_event_that_was_changed_is_named(site, column):
    site.tamper(f"UPDATE events SET {column} WHERE workflow = 1 AND seq = 5")
    assert ("changed", site.first, 5) in site.findings()
    assert "event 5 (" in site.messages()


def test_a_digest_that_was_made_to_fit_does_not_fit_the_next(site):
    from orchestrate.embedded import chain

    rows = sqlite3.connect(site.state / database.FILE).execute(
        "SELECT seq, at, type, path, data, hash FROM events WHERE workflow = 1 AND seq IN (4, 5)"
    )
    (*_, before), (seq, at, kind, path, _, _) = rows.fetchall()
    forged = chain.link(before, seq, at, kind.encode(), path.encode(), b"{}")
    site.tamper(
        f"UPDATE events SET data = '{{}}', hash = x'{forged.hex()}' WHERE workflow = 1 AND seq = 5"
    )
    assert site.findings() == [("changed", site.first, 6)]
    assert "or 5 was changed and given a digest that fits" in site.messages()


def test_a_whole_journal_that_was_written_anew_is_not_the_one_of_which_the_actions_tell(site):
    from orchestrate.embedded import chain

    connection = sqlite3.connect(site.state / database.FILE)
    digest = chain.journal_begin(site.first)
    rows = connection.execute(
        "SELECT seq, at, type, path, data FROM events WHERE workflow = 1 ORDER BY seq"
    ).fetchall()
    with connection:
        for seq, at, kind, path, data in rows:
            data = "{}" if seq == 5 else data
            digest = chain.link(digest, seq, at, kind.encode(), path.encode(), data.encode())
            connection.execute(
                "UPDATE events SET data = ?, hash = ? WHERE workflow = 1 AND seq = ?",
                (data, digest, seq),
            )
    connection.close()
    assert site.findings() == [("replaced", site.first, rows[-1][0])]


@pytest.mark.parametrize(("which", "kind", "number"), [("seq = 4", "removed", 4),
                                                       ("seq IN (4, 5)", "removed", 4),
                                                       ("seq = 1", "removed", 1)])  # fmt: skip
def test_an_event_that_was_removed_is_missed(site, which, kind, number):
    site.tamper(f"DELETE FROM events WHERE workflow = 2 AND {which}")
    assert site.findings()[0] == (kind, site.second, number)


def test_an_event_that_was_removed_and_the_others_renumbered(site):
    site.tamper(
        "DELETE FROM events WHERE workflow = 1 AND seq = 5",
        "UPDATE events SET seq = -seq WHERE workflow = 1 AND seq > 5",
        "UPDATE events SET seq = -seq - 1 WHERE workflow = 1 AND seq < 0",
        "UPDATE workflows SET last_seq = last_seq - 1 WHERE number = 1",
    )
    found = site.findings()
    assert ("moved", site.first, 6) in found
    assert [kind for kind, workflow, _ in found if workflow == site.first][-1] == "moved"
    assert any(kind == "cut" for kind, _, _ in found)


def test_events_that_were_exchanged_are_named(site):
    site.tamper(
        "UPDATE events SET seq = -1 WHERE workflow = 1 AND seq = 4",
        "UPDATE events SET seq = 4 WHERE workflow = 1 AND seq = 5",
        "UPDATE events SET seq = 5 WHERE workflow = 1 AND seq = -1",
    )
    assert site.findings() == [("moved", site.first, 4), ("moved", site.first, 5)]
    assert "stands in the place of 4, but is 5" in site.messages()


def test_the_end_of_a_journal_that_was_cut_off_is_missed(site):
    site.tamper("DELETE FROM events WHERE workflow = 3 AND seq > 3")
    assert [f[:2] for f in site.findings()] == [("cut", site.waiting)]
    assert "the end is missing" in site.messages()


def test_it_is_missed_too_if_the_count_was_made_to_fit(site):
    site.tamper(
        "DELETE FROM events WHERE workflow = 3 AND seq > 3",
        "UPDATE workflows SET last_seq = 3 WHERE number = 3",
    )
    assert site.findings() == [("cut", site.waiting, 4)]


def test_an_event_that_was_added_is_named(site):
    site.tamper(
        "INSERT INTO events (workflow, seq, at, type, path, data) "
        "SELECT workflow, seq + 1, at, 'warned', '', '{}' FROM events "
        "WHERE workflow = 1 ORDER BY seq DESC LIMIT 1"
    )
    assert {f[:2] for f in site.findings()} == {("added", site.first)}


def test_two_workflows_that_were_exchanged_are_named(site):
    site.tamper(
        "UPDATE events SET workflow = -1 WHERE workflow = 1",
        "UPDATE events SET workflow = 1 WHERE workflow = 2",
        "UPDATE events SET workflow = 2 WHERE workflow = -1",
    )
    workflows = {workflow for _, workflow, _ in site.findings()}
    assert workflows == {site.first, site.second}


def test_a_workflow_that_was_removed_is_missed(site):
    site.tamper(
        "DELETE FROM events WHERE workflow = 1",
        "DELETE FROM workflows WHERE number = 1",
    )
    assert site.findings() == [("removed", site.first, None)]
    assert "nothing tells that it was removed" in site.messages()


def test_events_without_their_workflow_are_found(site):
    site.tamper("DELETE FROM workflows WHERE number = 1")
    assert {f[0] for f in site.findings()} == {"removed"}
    assert "events of a workflow without a row" in site.messages()


@pytest.mark.parametrize("column", ["state = 'failed'", "actor = 'eve'", "environment = 'prod'",
                                    "parameters = '{\"x\":1}'"])  # fmt: skip
def test_a_list_entry_that_contradicts_its_journal_is_named(site, column):
    site.tamper(f"UPDATE workflows SET {column} WHERE number = 1")
    assert site.findings() == [("changed", site.first, None)]
    assert column.partition(" ")[0] in site.messages()


def test_a_plan_that_was_changed_or_replaced_is_found(site):
    site.tamper("UPDATE workflows SET plan = 2 WHERE number = 1")
    assert site.findings() == [("replaced", site.first, None)]
    site.tamper(
        "UPDATE workflows SET plan = 1 WHERE number = 1",
        "UPDATE plans SET body = replace(body, '/bin/true', '/bin/false') WHERE number = 1",
    )
    assert site.findings() == [("changed", "", None)]
    assert site.first in site.messages()


@pytest.mark.parametrize(
    ("statement", "kind", "number"),
    [
        ("UPDATE actions SET actor = 'eve' WHERE number = 3", "changed", 3),
        ("DELETE FROM actions WHERE number = 3", "removed", 3),
        ("DELETE FROM actions WHERE number <= 3", "removed", 1),
        ("DELETE FROM actions", "removed", 1),
    ],
)
def test_actions_are_a_chain_too(site, statement, kind, number):
    site.tamper(statement)
    assert site.findings()[0] == (kind, "", number)


def test_a_schedule_that_another_program_changed_is_named(site):
    site.tamper("UPDATE schedules SET body = replace(body, '0 2 * * *', '* * * * *')")
    assert "schedule nightly is not what it was" in site.messages()
    site.tamper("DELETE FROM schedules")
    assert "schedule nightly is gone" in site.messages()


def test_what_retention_removes_is_told_and_the_rest_is_sound(site):
    removed = site.opened(
        lambda store: retention.prune(store, older_than=0, now=time.time() + 60, author=ADA)
    )
    assert set(removed.workflows) == {site.first, site.second}
    assert site.findings() == []
    told = sqlite3.connect(site.state / database.FILE).execute(
        "SELECT subject, actor FROM actions WHERE action = 'workflow_pruned' ORDER BY number"
    )
    assert told.fetchall() == [(site.first, "ada"), (site.second, "ada")]


def test_old_actions_are_removed_and_the_rest_is_still_a_chain(site):
    now = time.time() + 60
    assert site.opened(lambda store: cutting.cut(store, older_than=0, now=now)) > 5
    assert site.findings() == []
    site.tamper("UPDATE workflows SET actor = 'eve' WHERE number = 3")
    assert site.findings() == [("changed", site.waiting, None)]
    site.tamper("DELETE FROM actions WHERE number = (SELECT min(number) FROM actions)")
    assert site.findings()[0][0] == "removed"


def test_a_store_from_before_the_chain_is_taken_as_it_is(site, monkeypatch):
    site.tamper(
        "UPDATE events SET hash = NULL", "DELETE FROM actions",
        "UPDATE events SET hash = NULL",
    )  # fmt: skip
    from orchestrate.embedded import actions

    site.opened(lambda store: store.writer.call(lambda c: actions.begin(c, 1.0)))
    assert site.findings() == []
    site.tamper("UPDATE events SET path = 'x' WHERE workflow = 1 AND seq = 2")
    kind, workflow, _ = site.findings()[0]
    assert (kind, workflow) == ("changed", site.first)
    assert "one of 1 to" in site.messages()


def test_a_store_of_an_older_version_is_migrated_into_a_chain(tmp_path):
    (tmp_path / "state").mkdir()
    connection = sqlite3.connect(tmp_path / "state" / database.FILE)
    for number, script in database.migrations():
        if number <= 5:
            connection.executescript(script)
    connection.executescript(
        """
        PRAGMA journal_mode=WAL;
        INSERT INTO plans VALUES (1,
            '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a', '{}');
        INSERT INTO workflows (number, id, playbook, plan, state, environment, parameters, actor,
            created_at, last_seq)
            VALUES (1, 'WF-2026-001', 'p', 1, 'paused', 'dev', '{}', 'ada', 1.5, 2);
        INSERT INTO events VALUES (1, 1, 1.5, 'workflow_created', '',
            '{"playbook":"p","environment":"dev","actor":"ada","parameters":{}}');
        INSERT INTO events VALUES (1, 2, 1.75, 'paused', '', '{}');
        INSERT INTO schedules VALUES ('nightly', '{"name":"nightly"}', 1, 0, NULL);
        PRAGMA user_version=5;
        """
    )
    connection.close()
    store = Store(tmp_path / "state")
    assert list(Verification(store)) == []
    told = store.read("SELECT action, subject FROM actions ORDER BY number")
    assert told == [("store_begun", ""), ("anchored", "WF-2026-001"), ("schedule_kept", "nightly")]
    store.writer.call(lambda c: c.execute("UPDATE events SET at = 2 WHERE seq = 1"))
    assert [f.kind for f in Verification(store)] == ["changed"]
    store.close()


# Signed checkpoints


@pytest.fixture
def seal(tmp_path) -> signing.Seal:
    signing.make_key(tmp_path / "key.pem")
    return signing.Seal(tmp_path / "key.pem", tmp_path / "far" / "checkpoints.jsonl")


def checked(site: Site, seal: signing.Seal) -> signatures.Checked:
    key = signing.PublicKey.read(seal.key.with_name("key.pem.pub"))
    return site.opened(lambda store: signatures.check(store, seal.file, key))


def test_a_signed_checkpoint_fits(site, seal):
    site.opened(lambda store: signing.sign(store, seal, ADA))
    site.opened(lambda store: signing.sign(store, seal, ADA))
    found = checked(site, seal)
    assert (found.amount, found.findings) == (2, ())
    assert site.findings() == []
    assert seal.key.stat().st_mode & 0o777 == 0o600


def test_a_group_that_shares_the_state_shares_the_checkpoints(site, seal, tmp_path):
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o2770)
    there = seal._replace(file=shared / "audit" / "checkpoints.jsonl")
    site.opened(lambda store: signing.sign(store, there, ADA))
    site.opened(lambda store: signing.sign(store, seal, ADA))
    assert (shared / "audit").stat().st_mode & 0o7777 == 0o2770
    assert there.file.stat().st_mode & 0o777 == 0o660
    assert seal.file.stat().st_mode & 0o777 == 0o600


def test_what_cannot_be_kept_is_not_told_as_signed(site, seal):
    with pytest.raises(UsageError, match="cannot be written"):
        site.opened(
            lambda store: signing.sign(store, seal._replace(file=site.state / "sockets"), ADA)
        )
    assert (
        site.opened(
            lambda store: store.read("SELECT 1 FROM actions WHERE action = 'checkpoint_signed'")
        )
        == []
    )


def test_an_older_store_in_its_place_does_not_fit_it(site, seal):
    older = (site.state / database.FILE).read_bytes()
    site.opened(lambda store: signing.sign(store, seal, ADA))
    (site.state / database.FILE).write_bytes(older)
    assert site.findings() == []
    (finding,) = checked(site, seal).findings
    assert finding.kind == "replaced"
    assert "it is older, or its end is missing" in finding.message
    for _ in range(3):
        site.opened(
            lambda store: StoredSchedules(store, ADA).enable("nightly", enabled=True, now=1)
        )
        site.opened(
            lambda store: StoredSchedules(store, ADA).enable("nightly", enabled=False, now=1)
        )
    (finding,) = checked(site, seal).findings
    assert "the store was replaced, or forged" in finding.message


def test_a_line_that_was_changed_or_removed_is_found(site, seal):
    site.opened(lambda store: signing.sign(store, seal, ADA))
    text = seal.file.read_text()
    seal.file.write_text(text.replace('"number": ', '"number": 1'))
    assert "was not signed with this key" in checked(site, seal).findings[0].message
    seal.file.write_text("nonsense\n")
    said = [f.message for f in checked(site, seal).findings]
    assert "is no checkpoint" in said[0]
    assert "is not in" in said[1]


def test_a_restore_that_was_signed_since_explains_why_others_do_not_fit(site, seal, tmp_path):
    archive = tmp_path / "backup.tar.gz"
    site.opened(lambda store: backup.back_up(store, archive, ADA))
    site.opened(lambda store: signing.sign(store, seal, ADA))
    backup.restore(site.state, None, archive, ADA, force=True)
    assert site.findings() == []
    assert [f.kind for f in checked(site, seal).findings] == ["replaced"]
    site.opened(lambda store: signing.sign(store, seal, ADA))
    assert checked(site, seal).findings == ()

"""The audit: whatever somebody does to the store with another program is found, and named."""

import sqlite3
import time
from collections.abc import Iterator

import pytest
from embedded.audited_site import ADA, AuditedSite

from orchestrate.embedded import database, retention
from orchestrate.embedded.auditing import cutting
from orchestrate.embedded.auditing.verifying import Verification
from orchestrate.embedded.store import Store


@pytest.fixture
def site(project) -> Iterator[AuditedSite]:
    return AuditedSite(project)


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
    from orchestrate.workflow import chain

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
    from orchestrate.workflow import chain

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


def test_actions_that_are_kept_for_less_than_a_day_go_when_as_much_again_is_there(site):
    def count(store):
        return store.read("SELECT count(*) FROM actions")[0][0]

    before = site.opened(count)
    site.opened(lambda store: cutting.cut_if_due(store, 1 / 24))
    assert site.opened(count) == before
    site.tamper("UPDATE actions SET at = at - 7300 WHERE number = 1")
    site.opened(lambda store: cutting.cut_if_due(store, 1 / 24))
    assert site.opened(lambda s: s.read("SELECT min(number) FROM actions")) == [(2,)]


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

"""A journal as it is handed on: what was sealed stays as it is."""

from orchestrate.cluster.storing.pages import (
    PAGE,
    Pages,
    open_page,
    pack_journal,
    split,
    unpack_journal,
)
from orchestrate.workflow.events import Event, EventType


def journal(count: int) -> list[Event]:
    return [
        Event(n, 1000.0 + n, EventType.STEP_FINISHED, f"each[{n}]", {"status": "succeeded"})
        for n in range(1, count + 1)
    ]


def test_what_is_packed_is_read_back():
    workers = {n: f"worker-{n % 3}" for n in range(1, 6000, 7)}
    for count in (1, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE):
        events, known = unpack_journal(pack_journal(journal(count), workers))
        assert events == journal(count)
        assert known == workers


def test_a_journal_without_events_is_one_without():
    assert unpack_journal(pack_journal([])) == ([], {})


def test_text_that_is_no_unicode_survives():
    odd = [Event(1, 1.0, EventType.WARNED, "", {"message": "\udcff"})]
    assert unpack_journal(pack_journal(odd)).events == odd


def test_a_journal_that_grows_stays_the_same_at_its_beginning():
    pages, workers = Pages(), {1: "one"}
    before = pages.pack(journal(2 * PAGE + 10), workers)
    workers[2 * PAGE + 3] = "two"
    after = pages.pack(journal(3 * PAGE + 10), workers)
    sealed = list(split(before))[:2]
    assert list(split(after))[:2] == sealed
    assert unpack_journal(after) == (journal(3 * PAGE + 10), {1: "one", 2 * PAGE + 3: "two"})


def test_what_another_run_sealed_is_handed_on_as_it_is():
    workers = {1: "one", 2: "two"}
    given = pack_journal(journal(PAGE + 10), workers)
    pages, events, known = Pages(), [], {}
    for body in split(given):
        page = open_page(body)
        pages.take_over(body, page)
        events += page.events
        known.update(page.workers)
    assert pages.pack(events, known) == given
    handed_on = pages.pack([*events, *journal(2 * PAGE)[PAGE + 10 :]], {**known, 3: "three"})
    assert handed_on[:1000] == given[:1000]
    assert unpack_journal(handed_on) == (journal(2 * PAGE), {1: "one", 2: "two", 3: "three"})

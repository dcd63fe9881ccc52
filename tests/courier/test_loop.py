"""The courier's loop, over a real queue; what receivers do is scripted."""

import threading
from collections.abc import Callable

from orchestrate.courier.loop import Courier, Patience
from orchestrate.courier.outcomes import Attempt, Done, Later, Never, Outcome
from orchestrate.launching.deliveries import Delivery, Remembered

LONG = Patience(attempt=60.0, delivery=3600.0)


class Receiver:
    """Answers with what `answers` says of a channel, `Done` otherwise."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.answers: dict[str, list[Outcome | Callable[[], Outcome]]] = {}

    def prepare(self, delivery: Delivery) -> Attempt:
        def attempt() -> Outcome:
            waiting = self.answers.get(delivery.channel)
            answer = (
                waiting.pop(0) if waiting else Done(Remembered("all", {"last": delivery.workflow}))
            )
            found = answer() if callable(answer) else answer
            if isinstance(found, Done):
                self.taken.append(delivery.key)
            return found

        return attempt


def test_each_channel_keeps_its_order(outbox) -> None:
    made = [outbox.cancelled(name, "a", "b") for name in ("x", "y", "x", "x")]
    receiver = Receiver()
    Courier(outbox.queue, receiver.prepare, LONG).run()
    assert len(receiver.taken) == 8
    for integration in ("a", "b"):
        of_x = [key.split("/")[0] for key in receiver.taken if key.endswith(f"/{integration}")]
        assert [one for one in of_x if one != made[1]] == [made[0], made[2], made[3]]
    assert outbox.queue.memory("x/a", "all") == {"last": made[3]}
    assert outbox.queue.heads() == []


def test_one_that_hangs_holds_no_other_up_and_is_left_alone(outbox) -> None:
    slow, quick = outbox.cancelled("slow", "a"), outbox.cancelled("quick", "a")
    quick_was_told, let_go = threading.Event(), threading.Event()

    def hang() -> Outcome:
        assert let_go.wait(120)
        return Done(Remembered("late", {}))

    def told() -> Outcome:
        quick_was_told.set()
        return Done(Remembered("all", {}))

    receiver = Receiver()
    receiver.answers = {"slow/a": [hang, Never("not again")], "quick/a": [told]}
    courier = Courier(outbox.queue, receiver.prepare, Patience(attempt=0.5, delivery=3600.0))
    courier.run()  # it ends although the first attempt never did
    let_go.set()
    assert quick_was_told.is_set()
    assert outbox.row(quick)[0] == "delivered"
    assert outbox.row(slow) == ("refused", 2, "not again")


def test_what_fails_is_tried_again_and_then_the_next(outbox) -> None:
    first, second = outbox.cancelled("x", "a"), outbox.cancelled("x", "a")
    receiver = Receiver()
    receiver.answers = {"x/a": [Later("it is down", remember=Remembered("half", {"n": 1}))]}
    Courier(outbox.queue, receiver.prepare, LONG).run()
    assert [key.split("/")[0] for key in receiver.taken] == [first, second]
    assert outbox.row(first) == ("delivered", 1, "")
    assert outbox.queue.memory("x/a", "half") == {"n": 1}


def test_what_was_tried_for_too_long_is_given_up_and_the_next_follows(outbox) -> None:
    first, second = outbox.cancelled("x", "a"), outbox.cancelled("x", "a")
    outbox.age(3601.0)
    receiver = Receiver()
    receiver.answers = {"x/a": [Later("it is down")]}
    Courier(outbox.queue, receiver.prepare, LONG).run()
    assert outbox.row(first) == ("given_up", 1, "it is down")
    assert outbox.row(second)[0] == "delivered"


def test_it_does_not_stay_for_what_is_due_much_later(outbox) -> None:
    workflow = outbox.cancelled("x", "a")
    receiver = Receiver()
    receiver.answers = {"x/a": [Later("slow down", after=600.0)]}
    Courier(outbox.queue, receiver.prepare, LONG).run()
    assert outbox.row(workflow) == ("waiting", 1, "slow down")
    assert receiver.taken == []


def test_what_is_written_meanwhile_is_delivered_too(outbox) -> None:
    outbox.cancelled("x", "a")
    more: list[str] = []

    def bring_more() -> Outcome:
        more.append("asked")
        return Done(Remembered("all", {}))

    receiver = Receiver()
    receiver.answers = {"x/a": [bring_more]}
    running = threading.Thread(target=Courier(outbox.queue, receiver.prepare, LONG).run)
    running.start()
    outbox_of_another = type(outbox)(outbox.engine.store.directory.parent)
    outbox_of_another.cancelled("y", "a")
    outbox_of_another.engine.close()
    running.join(120)
    assert not running.is_alive()
    assert len(receiver.taken) == 2

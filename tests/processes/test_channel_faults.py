"""A connection that has no room for the moment goes on; one that breaks is seen at both ends."""

import errno
import os
import select
import socket
import threading

import pytest
from polling import eventually

from orchestrate.processes.supervising import wire
from orchestrate.processes.supervising.program import refuse_everything


class Poor(socket.socket):
    """A socket whose next calls fail."""

    errors: tuple[int, ...] = ()

    def _fail(self) -> None:
        if self.errors:
            number, *rest = self.errors
            self.errors = tuple(rest)
            raise OSError(number, os.strerror(number))

    def send(self, *args: object) -> int:
        self._fail()
        return super().send(*args)  # type: ignore[arg-type]

    def recv(self, *args: object) -> bytes:
        self._fail()
        return super().recv(*args)  # type: ignore[arg-type]


class Stuffed(Poor):
    """One that fails only when something is sent."""

    recv = socket.socket.recv  # type: ignore[assignment]


def test_a_refusal_that_finds_no_room_is_told_later():
    ours, theirs = socket.socketpair()
    stuffed = Stuffed(fileno=theirs.detach())
    stuffed.errors = (errno.ENOBUFS,)
    refusing = threading.Thread(target=refuse_everything, args=(stuffed, "no room"))
    refusing.start()
    engine = wire.Channel(ours)
    engine.send(wire.LAUNCH, wire.pack(("WF-2026-001/4", "WF-2026-001", 1, b"")))
    told: list[tuple[int, bytes]] = []
    eventually(lambda: told.extend(engine.receive()) or told)
    engine.close()
    refusing.join(120)
    stuffed.close()
    ((kind, body),) = told
    assert kind == wire.REPORT
    assert wire.unpack(body)[:2] == ("WF-2026-001/4", "refused")


@pytest.fixture
def ends():
    one, other = socket.socketpair()
    poor = Poor(fileno=one.detach())
    yield poor, other
    poor.close()
    other.close()


@pytest.mark.parametrize("number", [errno.ENOBUFS, errno.ENOMEM, errno.EAGAIN])
def test_what_finds_no_room_is_sent_later(ends, number: int):
    poor, other = ends
    channel, there = wire.Channel(poor), wire.Channel(other)
    poor.errors = (number,)
    channel.send(wire.STOP, b"now")
    assert channel.is_blocked
    assert not channel.ended
    channel.flush()
    assert there.receive() == [(wire.STOP, b"now")]


@pytest.mark.parametrize("number", [errno.ENOBUFS, errno.ENOMEM, errno.EAGAIN])
def test_what_cannot_be_taken_now_is_taken_later(ends, number: int):
    poor, other = ends
    channel, there = wire.Channel(poor), wire.Channel(other)
    there.send(wire.REPORT, b"done")
    poor.errors = (number,)
    assert channel.receive() == []
    assert channel.receive() == [(wire.REPORT, b"done")]


def test_whoever_waits_at_either_end_sees_that_it_is_broken(ends):
    poor, other = ends
    channel = wire.Channel(poor)
    poor.errors = (errno.EPIPE,)
    channel.send(wire.STOP, b"now")
    assert channel.ended
    for end in (poor, other):
        waiting = select.poll()
        waiting.register(end, select.POLLIN)
        assert waiting.poll(0)
    assert other.recv(1) == b""


def test_an_error_that_nobody_thought_of_ends_the_connection_and_nothing_else(ends):
    poor, _ = ends
    channel = wire.Channel(poor)
    poor.errors = (errno.EIO,)
    assert channel.receive() == []
    assert channel.ended

"""The selector loop that hosts executions: sockets, timers, signals, and news from the writer.

Nothing is polled: the loop sleeps until something happens. A look at the store every few seconds is
the backstop for lost hints and for jumps of the wall clock.
"""

import heapq
import os
import selectors
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType

Callback = Callable[[], None]

BACKSTOP = 3.0
"""Seconds after which the loop looks around although nothing happened."""


class Timer:
    """Something to do at a moment of the wall clock."""

    __slots__ = ("action", "at", "live")

    def __init__(self, at: float, action: Callback) -> None:
        self.at = at
        self.action = action
        self.live = True

    def cancel(self) -> None:
        """Do nothing when the moment comes."""
        self.live = False

    def __lt__(self, other: "Timer") -> bool:
        return self.at < other.at


class Loop:
    """Runs callbacks in one thread; `post` may be called from any."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._posted: deque[Callback] = deque()
        self._sleeps = True
        """It may be waiting, so that what is posted has to wake it."""
        self._timers: list[Timer] = []
        self._backstops: list[Callback] = []
        self._next_backstop = time.monotonic() + BACKSTOP
        self._read_end, self._write_end = os.pipe()
        os.set_blocking(self._read_end, False)
        os.set_blocking(self._write_end, False)
        self.watch(self._read_end, self._drain)

    def post(self, callback: Callback) -> None:
        """Have something done by the loop's thread, soon."""
        self._posted.append(callback)
        # In this order: what is posted after the loop's last look finds it sleeping.
        if self._sleeps:
            self.wake()

    def wake(self) -> None:
        """Make the loop look at what was posted."""
        try:
            os.write(self._write_end, b"!")
        except BlockingIOError:
            return  # the pipe is full of wake-ups already

    def _drain(self) -> None:
        try:
            os.read(self._read_end, 65536)
        except BlockingIOError:
            return

    def watch(self, descriptor: int, ready: Callback, *, writable: bool = False) -> None:
        """Call `ready` whenever the descriptor can be read (or written, if asked for)."""
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if writable else 0)
        if descriptor in self._selector.get_map():
            self._selector.modify(descriptor, events, ready)
        else:
            self._selector.register(descriptor, events, ready)

    def forget(self, descriptor: int) -> None:
        """Stop watching a descriptor, before it is closed."""
        if descriptor in self._selector.get_map():
            self._selector.unregister(descriptor)

    def at(self, moment: float, action: Callback) -> Timer:
        """Do something at `moment` (seconds since the epoch), at once if that is past."""
        timer = Timer(moment, action)
        heapq.heappush(self._timers, timer)
        return timer

    def add_backstop(self, look: Callback) -> None:
        """Have `look` called every few seconds."""
        self._backstops.append(look)

    def turn(self) -> None:
        """Wait for the next thing and do everything that is due."""
        self._sleeps = True
        ready = self._selector.select(self._patience())
        self._sleeps = False
        for key, _ in ready:
            key.data()
        for _ in range(len(self._posted)):
            self._posted.popleft()()
        self._fire(time.time())
        if time.monotonic() >= self._next_backstop:
            self._next_backstop = time.monotonic() + BACKSTOP
            for look in tuple(self._backstops):
                look()

    def _patience(self) -> float:
        if self._posted:
            return 0.0
        patience = max(0.0, self._next_backstop - time.monotonic())
        while self._timers and not self._timers[0].live:
            heapq.heappop(self._timers)
        if self._timers:
            patience = min(patience, max(0.0, self._timers[0].at - time.time()))
        return patience

    def _fire(self, now: float) -> None:
        while self._timers and (not self._timers[0].live or self._timers[0].at <= now):
            timer = heapq.heappop(self._timers)
            if timer.live:
                timer.live = False
                timer.action()

    @contextmanager
    def signals(self, received: Callable[[int], None]) -> Generator[None]:
        """While this lasts, SIGINT, SIGTERM and SIGHUP are told to `received`, in a turn.

        Only the main thread can take signals; elsewhere this does nothing.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def handler(number: int, _frame: FrameType | None) -> None:
            self._posted.append(lambda: received(number))

        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {number: signal.signal(number, handler) for number in numbers}
        wakeup = signal.set_wakeup_fd(self._write_end, warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(wakeup)
            for number, previous in before.items():
                signal.signal(number, previous)

    def close(self) -> None:
        """Let go of everything."""
        self._selector.close()
        os.close(self._read_end)
        os.close(self._write_end)

"""The selector loop that hosts executions: sockets, timers, signals, and news from the writer.

Nothing is polled: the loop sleeps until something happens. A look at the store every few seconds is
the backstop for lost hints and for jumps of the wall clock. What is to happen after some time has
passed happens then, however the wall clock is set meanwhile; time that the machine sleeps counts.
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

from orchestrate.processes.supervising.system import system

Callback = Callable[[], None]

BACKSTOP = 3.0
"""Seconds after which the loop looks around although nothing happened."""


class Timer:
    """Something to do at a moment of some clock."""

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
        self._moments: list[Timer] = []
        """By the wall clock."""
        self._durations: list[Timer] = []
        """By the clock that nobody sets."""
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
        heapq.heappush(self._moments, timer)
        return timer

    def after(self, seconds: float, action: Callback) -> Timer:
        """Do something when so many seconds have passed, at once if that is none."""
        timer = Timer(system.elapsed() + seconds, action)
        heapq.heappush(self._durations, timer)
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
            if self._posted:  # what is done here may turn the loop itself
                self._posted.popleft()()
        self._fire(self._moments, time.time())
        if self._durations:
            self._fire(self._durations, system.elapsed())
        if time.monotonic() >= self._next_backstop:
            self._next_backstop = time.monotonic() + BACKSTOP
            for look in tuple(self._backstops):
                look()

    def _patience(self) -> float:
        if self._posted:
            return 0.0
        patience = max(0.0, self._next_backstop - time.monotonic())
        for timers, now in ((self._moments, time.time), (self._durations, system.elapsed)):
            while timers and not timers[0].live:
                heapq.heappop(timers)
            if timers:
                patience = min(patience, max(0.0, timers[0].at - now()))
        return patience

    def _fire(self, timers: list[Timer], now: float) -> None:
        while timers and (not timers[0].live or timers[0].at <= now):
            timer = heapq.heappop(timers)
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

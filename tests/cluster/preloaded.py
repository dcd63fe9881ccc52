"""The command line in processes of its own that have its modules already: to load those of Temporal
takes most of a short command's time, and these tests call hundreds of them.

One process loads them and forks one for each call, which does what `python -m orchestrate` does.
"""

import atexit
import importlib
import json
import os
import pkgutil
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO, TextIO

sys.path.insert(0, str(Path(__file__).parents[1]))

from polling import PATIENCE

ROOMS = ("orchestrate.cli", "orchestrate.cluster", "orchestrate.playbook")
_LARGEST = 1 << 20


class Preloaded:
    """The process that forks. Calls come one after another, and run at the same time."""

    def __init__(self) -> None:
        mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket = mine
        for end in (mine, theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _LARGEST)
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(theirs.fileno())], pass_fds=[theirs.fileno()]
        )
        theirs.close()

    def start(
        self, words: Sequence[str], folder: Path, env: Mapping[str, str], out: int, err: int
    ) -> "Started":
        """Have it begun, with these descriptors. The first word: `orchestrate`, or the name of a
        module beside this one.
        """
        told = {"words": list(words), "folder": str(folder), "env": dict(env)}
        here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with there, self._lock:
            files = [out, err, there.fileno()]
            socket.send_fds(self._socket, [json.dumps(told).encode()], files)
        return Started(words, here)

    def close(self) -> None:
        """No more calls."""
        self._socket.close()
        self._process.wait(120)


class Started:
    """A process, as `subprocess.Popen` has one."""

    def __init__(self, words: Sequence[str], told: socket.socket) -> None:
        self._words = words
        self._told = told
        self._told.settimeout(PATIENCE)
        self.pid = int(told.recv(16).decode())
        self.returncode: int | None = None
        self.stdout: TextIO | None = None
        self.stderr: TextIO | None = None

    def wait(self, timeout: float | None = None) -> int:
        """Until it has ended; its exit code."""
        if self.returncode is None:
            self._told.settimeout(timeout)
            try:
                self.returncode = os.waitstatus_to_exitcode(int(self._told.recv(16).decode()))
            except TimeoutError:
                raise subprocess.TimeoutExpired(list(self._words), timeout or 0.0) from None
            self._told.close()
        return self.returncode

    def poll(self) -> int | None:
        """Its exit code, if it has ended."""
        with suppress(subprocess.TimeoutExpired, BlockingIOError):
            self.wait(0.0)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """If it has not ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def communicate(self) -> tuple[str, str]:
        """What is left of what it wrote, and its end."""
        written: list[str] = []
        for stream in (self.stdout, self.stderr):
            written.append("" if stream is None else stream.read())
            if stream is not None:
                stream.close()
        self.wait()
        return written[0], written[1]


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


@cache
def preloaded() -> Preloaded:
    """The one of this session."""
    made = Preloaded()
    atexit.register(made.close)
    return made


def orchestrate(
    words: Sequence[str], folder: Path, env: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    """Call the command line there; what it wrote and its exit code."""
    given = ["orchestrate", *words]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        started = preloaded().start(
            given, folder, os.environ if env is None else env, out.fileno(), err.fileno()
        )
        code = started.wait(240)
        return subprocess.CompletedProcess(given, code, _text(out), _text(err))


def started(
    words: Sequence[str], folder: Path, env: Mapping[str, str], *, tells: str = "stderr"
) -> Started:
    """Have a program begun, one of whose streams can be read."""
    reading, writing = os.pipe()
    with Path(os.devnull).open("w") as nothing:
        ends = (nothing.fileno(), writing) if tells == "stderr" else (writing, 2)
        made = preloaded().start(words, folder, env, *ends)
    os.close(writing)
    setattr(made, tells, os.fdopen(reading))
    return made


def serve(calls: socket.socket) -> None:
    """Fork for each call; whoever asked hears how that ended."""
    for room in ROOMS:
        package = importlib.import_module(room)
        for module in pkgutil.walk_packages(package.__path__, f"{room}."):
            importlib.import_module(module.name)
    importlib.import_module("worker_process")
    assert threading.active_count() == 1, "a process with threads cannot be forked"
    while True:
        told, files, _, _ = socket.recv_fds(calls, _LARGEST, 3)
        if not told:
            return
        # The one in between waits, so that nobody has to look out for who has ended.
        if os.fork() == 0:
            calls.close()
            attend(json.loads(told), files)
        for file in files:
            os.close(file)
        reap()


def reap() -> None:
    """Those in between that have ended."""
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                return
        except ChildProcessError:
            return


def attend(told: dict, files: list[int]) -> None:
    child = os.fork()
    if child == 0:
        perform(told, files)
    for file in files[:2]:
        os.close(file)
    os.write(files[2], str(child).encode())
    _, status = os.waitpid(child, 0)
    with suppress(BrokenPipeError, ConnectionResetError):  # nobody waits for that
        os.write(files[2], str(status).encode())
    os._exit(0)


def perform(told: dict, files: list[int]) -> None:
    """Be `python -m orchestrate`, or that module."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    for file, place in ((nothing, 0), (files[0], 1), (files[1], 2)):
        os.dup2(file, place)
    for file in (nothing, *files):
        os.close(file)
    os.chdir(told["folder"])
    os.environ.clear()
    os.environ.update(told["env"])
    time.tzset()
    random.seed()
    sys.argv = told["words"]
    program, *words = told["words"]
    code = 70
    try:
        if program == "orchestrate":
            importlib.import_module("orchestrate.cli.main").main()  # it ends the process itself
        importlib.import_module(program).begin(words)
        code = 0
    finally:
        os._exit(code)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))

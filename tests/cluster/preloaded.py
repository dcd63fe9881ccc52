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
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO

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

    def run(
        self, words: Sequence[str], folder: Path, env: Mapping[str, str], timeout: float = 240
    ) -> "subprocess.CompletedProcess[str]":
        """Like `subprocess.run` with what it writes."""
        told = {"words": list(words), "folder": str(folder), "env": dict(env)}
        here, there = socket.socketpair()
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, here:
            with there, self._lock:
                files = [out.fileno(), err.fileno(), there.fileno()]
                socket.send_fds(self._socket, [json.dumps(told).encode()], files)
            here.settimeout(timeout)
            status = int(here.recv(16).decode())
            written = [_text(file) for file in (out, err)]
        code = os.waitstatus_to_exitcode(status)
        return subprocess.CompletedProcess(list(words), code, *written)

    def close(self) -> None:
        """No more calls."""
        self._socket.close()
        self._process.wait(60)


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
    return preloaded().run(words, folder, os.environ if env is None else env)


def serve(calls: socket.socket) -> None:
    """Fork for each call; whoever asked hears how that ended."""
    for room in ROOMS:
        package = importlib.import_module(room)
        for module in pkgutil.walk_packages(package.__path__, f"{room}."):
            importlib.import_module(module.name)
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
    _, status = os.waitpid(child, 0)
    os.write(files[2], str(status).encode())
    os._exit(0)


def perform(told: dict, files: list[int]) -> None:
    """Be `python -m orchestrate`."""
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
    sys.argv = ["orchestrate", *told["words"]]
    from orchestrate.cli.main import main

    try:
        main()
    finally:
        os._exit(70)  # it ends the process itself


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))

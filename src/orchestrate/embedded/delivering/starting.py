"""Starts the courier, the process that delivers, when there is something for it to do.

One courier serves a store. Whoever wrote something to be told asks for it after the commit; the
courier has its lock before it is started, and looks once more after it has given it up. So nothing
is left lying between the two.
"""

import os
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrate.embedded import presence
from orchestrate.embedded.delivering.queue import DeliveryQueue
from orchestrate.embedded.store import Store
from orchestrate.errors import OrchestrateError
from orchestrate.processes.supervising import crash

if TYPE_CHECKING:
    import subprocess

LOCK = "courier.lock"
LOG = "courier.log"
"""What it had to say, the last one only; empty if all went well."""
_PAUSE = 30.0
"""Seconds before another one is started if one ended in trouble."""
_ANY = "SELECT 1 FROM deliveries WHERE state = 'waiting' LIMIT 1"


class CourierStarter:
    """Starts couriers for one project, with the environment of this process."""

    def __init__(self, root: Path, directory: Path, env: Mapping[str, str]) -> None:
        self._root = root
        self._directory = directory
        self._env = env
        self._children: list[subprocess.Popen[bytes]] = []
        self._not_before = 0.0

    def look(self, store: Store) -> None:
        """Start one if something is due and none is at work. Costs one small query mostly, and
        raises nothing: no workflow fails because nobody is told of it.
        """
        with suppress(OrchestrateError, OSError):  # whoever looks next tries again
            if store.read(_ANY) and not self._is_running():
                now = time.time()
                if any(head.next_at <= now for head in DeliveryQueue(store).heads()):
                    self._start(store.group)

    def _is_running(self) -> bool:
        for child in tuple(self._children):
            code = child.poll()
            if code is None:
                continue  # it may have looked for the last time: only the lock says that it works
            self._children.remove(child)
            if code != 0:
                self._not_before = time.monotonic() + _PAUSE
        return time.monotonic() < self._not_before or presence.is_present(self._directory, LOCK)

    def _start(self, group: str | None) -> None:
        held = presence.take(self._directory, LOCK)
        if held is None:
            return
        try:
            self._not_before = time.monotonic() + _PAUSE  # until it is there
            log = self._open_log(0o660 if group else 0o600)
            try:
                self._children.append(self._launch(held, log))
            finally:
                os.close(log)
            self._not_before = 0.0
        finally:
            os.close(held)

    def _launch(self, held: int, log: int) -> "subprocess.Popen[bytes]":
        import subprocess

        env = {**self._env, "ORCHESTRATE_STATE_DIR": str(self._directory.absolute())}
        if not env.get(crash.VARIABLE, "").startswith("deliver."):
            env.pop(crash.VARIABLE, None)
        return subprocess.Popen(
            [sys.executable, "-m", "orchestrate", "courier", "--lock", str(held)],
            cwd=self._root,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=log,
            start_new_session=True,
            pass_fds=(held,),
        )

    def _open_log(self, mode: int) -> int:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            return os.open(self._directory / LOG, flags | os.O_CREAT | os.O_TRUNC, mode)
        except OSError:  # that of another user, who shares the store; or a link
            return os.open(os.devnull, flags)

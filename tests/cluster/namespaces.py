"""A network of its own for a process, behind a cable that can be pulled: packets are lost, and
nobody is told. It takes root and iproute2.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable

from cluster.proxy import Proxy


def ip(*words: str) -> bool:
    """Whether it could be done."""
    return subprocess.run(["ip", *words], capture_output=True, check=False).returncode == 0


class Namespace:
    """Its own network, from which only `target` (`host:port`) of this one can be reached."""

    def __init__(self, name: str, number: int) -> None:
        self._name = name
        self._cable = f"{name}c"
        self._number = number % 16384  # networks of four addresses within 10.250.0.0/16
        self._reaching: list[Callable[[], None]] = []

    @classmethod
    def made(cls) -> "Namespace | None":
        """One, if this user may make one."""
        if sys.platform != "linux" or os.geteuid() != 0 or shutil.which("ip") is None:
            return None
        made = cls(f"orch{os.getpid()}", os.getpid())
        if made._lay():
            return made
        made.close()
        return None

    def _lay(self) -> bool:
        name, cable, far = self._name, self._cable, f"{self._name}f"
        return (
            ip("netns", "add", name)
            and ip("link", "add", cable, "type", "veth", "peer", "name", far, "netns", name)
            and ip("address", "add", f"{self._address(1)}/30", "dev", cable)
            and ip("link", "set", cable, "up")
            and ip("-n", name, "address", "add", f"{self._address(2)}/30", "dev", far)
            and ip("-n", name, "link", "set", "lo", "up")
            and ip("-n", name, "link", "set", far, "up")
        )

    def _address(self, end: int) -> str:
        base = self._number * 4 + end
        return f"10.250.{base // 256}.{base % 256}"

    @property
    def within(self) -> tuple[str, ...]:
        """What runs a program there."""
        return ("ip", "netns", "exec", self._name)

    def reach(self, target: str) -> str:
        """Where `target` is found from there."""
        door = Proxy(target, self._address(1))
        self._reaching.append(door.close)
        return door.target

    def cut(self) -> None:
        """Pull the cable."""
        assert ip("link", "set", self._cable, "down")

    def mend(self) -> None:
        """Plug it in again."""
        assert ip("link", "set", self._cable, "up")

    def close(self) -> None:
        for close in self._reaching:
            close()
        ip("link", "del", self._cable)
        ip("netns", "del", self._name)

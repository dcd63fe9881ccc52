"""Whether hosts answer: connections to all of them at once, none longer than the limit."""

import socket
import subprocess
import threading
import time
from collections.abc import Iterable, Mapping

from orchestrate.library.dependencies.model import (
    FOUND,
    MISSING,
    UNCHECKED,
    Dependency,
    Endpoint,
)

MOST_AT_ONCE = 64


def ask(endpoints: Iterable[Endpoint], timeout: float) -> list[Dependency]:
    """Whether each answers within `timeout` seconds, looking up its name included."""
    wanted = list(dict.fromkeys((each.host, each.port) for each in endpoints))
    answers = _connect_all(wanted, timeout)
    found: dict[tuple[str, int], Dependency] = {}
    for each in endpoints:
        address = (each.host, each.port)
        if address in found:
            continue
        problem = answers.get(address, f"no answer within {timeout:g} s")
        status, detail = (MISSING, problem) if problem else (FOUND, "answers")
        hint = "Start it, mend the address, or leave the network out with `--offline`."
        found[address] = Dependency(
            "host", each.name, each.place, status, detail, hint if problem else ""
        )
    return list(found.values())


def leave_out(endpoints: Iterable[Endpoint]) -> list[Dependency]:
    """The same hosts, not asked."""
    named = {(each.host, each.port): each for each in endpoints}
    return [
        Dependency("host", each.name, each.place, UNCHECKED, "not asked (--offline)")
        for each in named.values()
    ]


def _connect_all(wanted: list[tuple[str, int]], timeout: float) -> Mapping[tuple[str, int], str]:
    """What became of each address; those that are not in it gave no answer.

    Threads are left behind where even the lookup of a name hangs: nothing interrupts that.
    """
    answers: dict[tuple[str, int], str] = {}
    for start in range(0, len(wanted), MOST_AT_ONCE):
        some = wanted[start : start + MOST_AT_ONCE]
        deadline = time.monotonic() + timeout
        threads = [
            threading.Thread(target=_connect, args=(address, timeout, answers), daemon=True)
            for address in some
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(max(0.0, deadline + 0.2 - time.monotonic()))
    return dict(answers)


def _connect(address: tuple[str, int], timeout: float, answers: dict[tuple[str, int], str]) -> None:
    try:
        with socket.create_connection(address, timeout=timeout):
            answers[address] = ""
    except TimeoutError:
        answers[address] = f"no answer within {timeout:g} s"
    except socket.gaierror:
        answers[address] = "its name cannot be resolved"
    except (OSError, OverflowError, UnicodeError) as error:
        answers[address] = getattr(error, "strerror", None) or str(error)


def ssh_endpoint(endpoint: Endpoint, *, port_given: bool) -> Endpoint | None:
    """Where `ssh` would connect to for a host of its configuration; None if it goes another way
    (a jump host, a proxy command), which a connection from here says nothing about.
    """
    try:
        done = subprocess.run(
            ["ssh", "-G", "--", endpoint.host],
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return endpoint
    options = dict(line.split(" ", 1) for line in done.stdout.splitlines() if " " in line)
    if options.keys() & {"proxyjump", "proxycommand"}:
        return None
    port = options.get("port", "")
    if not port_given and port.isdigit():
        endpoint = endpoint._replace(port=int(port))
    return endpoint._replace(host=options.get("hostname", endpoint.host))

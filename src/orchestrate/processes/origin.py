"""From where a process was started: what an audit wants to know beside the user.

The terminal and the login are what the system says. The ssh client and the user before `sudo` are
what the environment says, which a user can set.
"""

import os

_NOBODY = 0xFFFFFFFF
"""The kernel's login uid of what nobody logged in for."""


def here() -> dict[str, str | int]:
    """Of this process: `host`, `pid`, and as far as they apply `terminal`, `login` (who logged in,
    if that is somebody else), `sudo_user` and `ssh` (the client's address).
    """
    found: dict[str, str | int] = {"host": os.uname().nodename, "pid": os.getpid()}
    optional = {
        "terminal": _terminal(),
        "login": _login(),
        "sudo_user": os.environ.get("SUDO_USER", ""),
        "ssh": os.environ.get("SSH_CONNECTION", "").partition(" ")[0],
    }
    found.update({name: value for name, value in optional.items() if value})
    return found


def _terminal() -> str:
    for descriptor in (0, 1, 2):
        try:
            return os.ttyname(descriptor)
        except OSError:
            continue
    return ""


def _login() -> str:
    """Who logged in, unless that is the user of the process; it stays through `su` and `sudo`."""
    try:
        with open("/proc/self/loginuid", encoding="ascii") as file:
            number = int(file.read())
    except (OSError, ValueError):
        return ""
    if number in (_NOBODY, os.getuid()):
        return ""
    import pwd

    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)

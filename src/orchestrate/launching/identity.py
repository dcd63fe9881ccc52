"""Who is responsible for what this process asks: its user, and from where it was started."""

import os
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orchestrate.workflow.approvals import Approver
    from orchestrate.workflow.audit import Author


def current_actor() -> str:
    """Who is responsible for what this process asks: its user."""
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def current_author() -> "Author":
    """The user of this process, and from where it was started, for the audit."""
    from orchestrate.processes.origin import here
    from orchestrate.workflow.audit import Author

    return Author(current_actor(), here())


def current_approver() -> "Approver":
    """The user of this process, and the groups that the system and the process have for it."""
    import grp
    import pwd

    from orchestrate.workflow.approvals import Approver

    numbers = set(os.getgroups())
    with suppress(KeyError):
        user = pwd.getpwuid(os.getuid())
        numbers.update(os.getgrouplist(user.pw_name, user.pw_gid))
    groups: set[str] = set()
    for number in numbers:
        with suppress(KeyError):  # it has no name
            groups.add(grp.getgrgid(number).gr_name)
    return Approver(current_actor(), frozenset(groups))

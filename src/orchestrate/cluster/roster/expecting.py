"""For whom one waits when no worker answers: busy ones, and those that were lost of late."""

from collections.abc import Sequence

from temporalio.client import Client

from orchestrate.cluster.roster.looking import Standing, look

_NAMED = 5
"""Workers that are named; of others only the number is said."""


async def expected(client: Client) -> str:
    """Who may answer yet, and why nobody does; "" if there is nobody to wait for. Raises
    ClusterError.
    """
    return described(await look(client))


def described(workers: Sequence[Standing]) -> str:
    """The same, of those that are known."""
    there = [one.registration.name for one in workers if one.state != "lost"]
    lost = [one.registration.name for one in workers if one.state == "lost"]
    if there:
        return f"{_listed(there)} {_are(there)} busy, or cannot be reached"
    again = "start it again" if len(lost) == 1 else "start one again"
    return f"{_listed(lost)} {_are(lost)} lost ({again}, or another one)" if lost else ""


def _listed(names: Sequence[str]) -> str:
    listed = ", ".join(names[:_NAMED])
    more = len(names) - _NAMED
    return f"{listed} and {more} more" if more > 0 else listed


def _are(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"

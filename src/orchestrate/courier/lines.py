"""The lines of deliveries that wait: one for each channel, whose first is delivered next.

Pure: what is due now, and when something will be.
"""

from collections.abc import Iterable

from orchestrate.launching.deliveries import Delivery


class Lines:
    """What is known of the first in each channel."""

    def __init__(self) -> None:
        self._heads: dict[str, Delivery] = {}
        self._busy: set[str] = set()

    @property
    def busy(self) -> int:
        """How many are being delivered."""
        return len(self._busy)

    def know(self, heads: Iterable[Delivery]) -> None:
        """These are the first of all channels now."""
        self._heads = {head.channel: head for head in heads}

    def know_one(self, channel: str, head: Delivery | None) -> None:
        """That is the first of a channel whose delivery has come to an end."""
        self._busy.discard(channel)
        self._heads.pop(channel, None)
        if head is not None:
            self._heads[channel] = head

    def take(self, now: float) -> Delivery | None:
        """One that is due, the longest first; its channel is busy from now on."""
        due = [head for head in self._free() if head.next_at <= now]
        if not due:
            return None
        first = min(due, key=lambda head: (head.next_at, head.number))
        self._busy.add(first.channel)
        return first

    def next_at(self) -> float | None:
        """When the next is due; None if none waits but those under way."""
        return min((head.next_at for head in self._free()), default=None)

    def _free(self) -> list[Delivery]:
        return [head for head in self._heads.values() if head.channel not in self._busy]

"""The port `Service`: whoever tells a notice to one system."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol, TypeAlias

from orchestrate.errors import OrchestrateError
from orchestrate.integrations.message import Notice
from orchestrate.playbook.plan import Json

Memory: TypeAlias = Mapping[str, Json]
"""What a service wants to know next time, a few short values: the message that a thread hangs on,
the issue that is open. Kept by the store for each integration and scope; empty at first."""


class Limits(NamedTuple):
    """How long one attempt to deliver may take, in seconds, and how much may be read."""

    connect: float = 5.0
    total: float = 20.0
    answer: int = 64 << 10
    """Bytes of an answer that are read; the rest is left."""


class RetryLater(Exception):  # noqa: N818 - not an error: a decision
    """The notice could not be delivered now: try again, not before `after` seconds if that is given
    (a `Retry-After`). `why` is for a person and holds no credentials. `memory`, if it is given, is
    kept: what was done already need not be done again.
    """

    def __init__(self, after: float | None, why: str, memory: Memory | None = None) -> None:
        super().__init__(why)
        self.after = after
        self.why = why
        self.memory = memory


class Refused(Exception):  # noqa: N818 - not an error: a decision
    """The system will never take this notice: it is not tried again. `why` as for RetryLater."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class OptionsError(OrchestrateError):
    """Options with which a service cannot work. Its deliveries wait until that is mended."""

    code = "integration"


class Service(Protocol):
    """One file of this package each, with `make(options, limits) -> Service`.

    Two deliveries of one integration never happen at the same time. A delivery whose process was
    killed is made again with the same notice, and with the memory of before: what a system can
    recognise by `notice.key` it should be given.
    """

    def scope(self, notice: Notice) -> str:
        """What shares a memory: such as `notice.workflow` or `notice.dedup_key`."""
        ...

    def deliver(self, notice: Notice, memory: Memory) -> Memory:
        """Deliver it; what to remember. Blocks, within the limits. Raises RetryLater or Refused."""
        ...

"""The secret values of one workflow in one ownership, in memory only.

Some are given when it starts (environment variables, secret parameters); all others are fetched
when a step first needs them, and again when what lends them is over.
"""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence

from orchestrate.errors import UsageError
from orchestrate.launching.leases import Lent
from orchestrate.playbook.plan import Secret
from orchestrate.secrets.model import Fetched
from orchestrate.workflow.calls import secrets_in
from orchestrate.workflow.program import Call

Fetch = Callable[[Secret], Fetched]


class Supply:
    """Values by name. Everything but `fetch` belongs to the loop's thread."""

    def __init__(
        self,
        declared: Sequence[Secret],
        given: Mapping[str, str],
        fetch: Fetch | None,
        lent: Callable[[Lent], None] | None = None,
    ) -> None:
        self._declared = {secret.name: secret for secret in declared}
        self._given = given
        self._fetch = fetch
        self._lent = lent
        """Told what has to be given back, before anybody uses it."""
        self._fetched: dict[str, Fetched] = {}
        self._used_before: dict[str, None] = {}
        self._masks = dict.fromkeys(value for value in given.values() if value)
        self._one_at_a_time = {name: threading.Lock() for name in self._declared}

    @property
    def masks(self) -> tuple[str, ...]:
        """Every value that a step of this workflow may have seen here."""
        return tuple(self._masks)

    def used_before(self, names: Iterable[str]) -> None:
        """Steps had these in an earlier ownership. What they left behind is masked only if the
        values are known here, too: they are fetched before the first step is launched.
        """
        self._used_before.update(dict.fromkeys(name for name in names if name in self._declared))

    def missing(self, call: Call) -> tuple[str, ...]:
        """The names of what has to be fetched before the call can be made."""
        if not self._declared or self._fetch is None:
            return ()
        wanted = dict.fromkeys((*self._used_before, *secrets_in(call)))
        return tuple(name for name in wanted if name in self._declared and not self._has(name))

    def fetch(self, names: Iterable[str]) -> None:
        """Fetch them, each once however many steps ask. Blocks; any thread may call it. Raises an
        OrchestrateError.
        """
        assert self._fetch is not None
        for name in names:
            with self._one_at_a_time[name]:
                if not self._has(name):
                    secret = self._declared[name]
                    fetched = self._fetch(secret)
                    if fetched.lease is not None and fetched.lease.name and self._lent is not None:
                        self._lent(Lent(secret.source, fetched.lease.name))
                    self._masks[fetched.value] = None
                    self._fetched[name] = fetched

    def value(self, name: str) -> str:
        """The value; raises UsageError if there is none."""
        found = self._given.get(name)
        if found is None and name in self._fetched:
            found = self._fetched[name].value
        if found is None:
            raise UsageError(
                f"the secret {name} has no value in this process",
                hint="Supply it where the workflow is resumed, as when it was started.",
            )
        return found

    def _has(self, name: str) -> bool:
        if name in self._given:
            return True
        found = self._fetched.get(name)
        return found is not None and (found.lease is None or found.lease.is_valid())

"""From the steps of a workflow to their launches, on one worker: in the files of the project with
which the workflow began.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, TypeAlias

from orchestrate.cluster.payloads import StepRequest
from orchestrate.cluster.shipping.shelf import Fetch, Shelf
from orchestrate.cluster.storing.blobs import Ref
from orchestrate.commands.trace_context import trace_of
from orchestrate.launching.calls import Caller, Declared
from orchestrate.launching.services import LaunchServices
from orchestrate.processes import records

Services: TypeAlias = Callable[[Path | None], LaunchServices]
"""Settings and commands of a project in a folder; None: of the one that the worker has itself."""
Unseal: TypeAlias = Callable[[str, str], Awaitable[Mapping[str, str]]]
"""Of a safe and its workflow: the values in it."""


class Stored(NamedTuple):
    """What steps need that is kept in Temporal."""

    fetch: Fetch
    """The project's files."""
    unseal: Unseal
    """The values of secret parameters."""


_FILES = "files"
"""In the folder of a workflow: the digests of the files that its steps ran from."""
_MOST_VERSIONS = 64
"""Versions of projects whose settings are kept."""


class Callers:
    """Makes them. `in_use`: the digests of files that steps of this process run from."""

    def __init__(
        self,
        directory: Path,
        services: Services,
        stored: Stored,
        in_use: Callable[[], Iterable[str]],
        epoch: int,
        sampling: float,
    ) -> None:
        """`epoch` and `sampling`: see `Caller`, and `WorkerOptions`."""
        self.directory = directory
        self._services = lru_cache(_MOST_VERSIONS)(services)
        self._epoch = epoch
        self._sampling = sampling
        self._in_use = in_use
        self._unseal = stored.unseal
        self._shelf = Shelf(directory / "projects", stored.fetch, self._kept)

    async def ready(self, request: StepRequest) -> Path | None:
        """See that the project's files are there. Raises an OrchestrateError."""
        if request.files is None:
            return None
        return await self._shelf.folder_of(Ref(*request.files))

    async def secrets(self, request: StepRequest) -> Mapping[str, str]:
        """The values of the workflow's secret parameters. Raises an OrchestrateError."""
        return {} if request.safe is None else await self._unseal(request.safe, request.workflow)

    def make(
        self, request: StepRequest, project: Path | None, secrets: Mapping[str, str]
    ) -> Caller:
        """The caller for a workflow, in the files of that folder. Raises an OrchestrateError."""
        folder = self.folder(request.workflow)
        folder.mkdir(parents=True, exist_ok=True)
        if request.files is not None:
            with (folder / _FILES).open("a") as noted:
                noted.write(f"{request.files[0]}\n")
        return Caller(
            self._services(project),
            request.workflow,
            Declared(request.secrets, frozenset(request.withheld)),
            request.environment,
            secrets,
            folder,
            self._epoch,
            trace_of(request.workflow, request.created_at, request.traceparent, self._sampling),
        )

    def folder(self, workflow: str) -> Path:
        """Where a workflow's output is kept."""
        return self.directory / "workflows" / workflow

    def _kept(self) -> Iterator[str]:
        """The files that something runs from, also what earlier processes of the worker began."""
        yield from self._in_use()
        supervisors = self.directory / "supervisors"
        for directory in supervisors.iterdir() if supervisors.is_dir() else ():
            if not records.is_in_use(directory):
                continue
            for record in records.read_all(directory):
                if record.report.phase in records.OPEN_PHASES:
                    noted = self.folder(record.report.attempt.rpartition("/")[0]) / _FILES
                    if noted.exists():
                        yield from noted.read_text().split()


def version(request: StepRequest) -> str:
    """Names the files that a step runs from."""
    return "" if request.files is None else request.files[0]

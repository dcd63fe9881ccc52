"""Versions of projects on a worker: unpacked once, whole, and gone when there is no room."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from orchestrate.cluster.connection import ClusterError
from orchestrate.cluster.shipping.packing import Packer
from orchestrate.cluster.shipping.shelf import Shelf
from orchestrate.cluster.storing.blobs import Ref


class Source:
    """Versions that can be fetched, and how often they were."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.fetched: list[str] = []
        self.used: set[str] = set()
        self.archives: dict[str, bytes] = {}

    def version(self, text: str) -> Ref:
        project = self.root / "project"
        (project / "commands").mkdir(parents=True, exist_ok=True)
        (project / "commands" / "say").write_text(text)
        archive = Packer(project, self.root / "cache").pack().archive
        assert archive is not None
        ref = Ref(hashlib.sha256(archive).hexdigest(), len(archive))
        self.archives[ref.digest] = archive
        return ref

    async def fetch(self, ref: Ref) -> bytes:
        self.fetched.append(ref.digest)
        await asyncio.sleep(0)
        return self.archives[ref.digest]

    def shelf(self, largest: int = 1 << 20) -> Shelf:
        return Shelf(self.root / "shelf", self.fetch, lambda: self.used, largest)


@pytest.fixture
def source(tmp_path: Path) -> Source:
    return Source(tmp_path)


def run(test: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(test())  # pyright: ignore[reportArgumentType]


def test_a_version_is_fetched_once_for_all_who_ask(source: Source):
    one = source.version("one")

    async def test() -> None:
        shelf = source.shelf()
        folders = await asyncio.gather(*(shelf.folder_of(one) for _ in range(5)))
        assert set(folders) == {source.root / "shelf" / one.digest}
        assert (folders[0] / "commands" / "say").read_text() == "one"
        assert await source.shelf().folder_of(one) == folders[0]  # another process, later
        assert source.fetched == [one.digest]

    run(test)


def test_what_is_not_as_it_was_unpacked_is_fetched_again(source: Source):
    one = source.version("one")

    async def test() -> None:
        folder = await source.shelf().folder_of(one)
        (folder / "commands" / "say").chmod(0o644)
        (folder / "commands" / "say").write_text("on")  # as a crash of the machine leaves it
        (folder / "commands" / "say").chmod(0o444)
        assert await source.shelf().folder_of(one) == folder
        assert (folder / "commands" / "say").read_text() == "one"
        assert source.fetched == [one.digest] * 2

    run(test)


def test_what_could_not_be_fetched_is_tried_again(source: Source):
    one = source.version("one")
    archive = source.archives.pop(one.digest)

    async def fetch(ref: Ref) -> bytes:
        if ref.digest not in source.archives:
            raise ClusterError("the server is away", hint="Start it.")
        return await source.fetch(ref)

    async def test() -> None:
        shelf = Shelf(source.root / "shelf", fetch, lambda: (), 1 << 20)
        with pytest.raises(ClusterError, match="the server is away"):
            await shelf.folder_of(one)
        source.archives[one.digest] = archive
        assert (await shelf.folder_of(one)).is_dir()

    run(test)


def test_what_was_used_least_lately_makes_room_unless_something_runs_from_it(source: Source):
    one, two, three, four = (source.version(text * 1000) for text in "1234")

    async def test() -> None:
        shelf = source.shelf(largest=2500)
        first = await shelf.folder_of(one)
        second = await shelf.folder_of(two)
        source.used = {one.digest}
        third = await shelf.folder_of(three)
        assert first.is_dir()
        fourth = await shelf.folder_of(four)
        assert first.is_dir()  # something runs from it
        assert not second.exists()
        assert third.is_dir()
        assert fourth.is_dir()
        source.used = set()
        assert (await shelf.folder_of(two)).is_dir()  # fetched again
        assert not first.exists()
        assert source.fetched == [ref.digest for ref in (one, two, three, four, two)]

    run(test)


def test_what_an_interrupted_unpacking_left_goes(source: Source):
    one = source.version("one")

    async def test() -> None:
        draft = source.root / "shelf" / f"{one.digest}.draft"
        draft.mkdir(parents=True)
        (draft / "half").touch()
        old = source.root / "shelf" / "feed.draft"
        old.mkdir()
        await source.shelf().folder_of(one)
        assert [path.name for path in (source.root / "shelf").iterdir()] == [one.digest]

    run(test)

import asyncio

from orchestrate.access.rights import EVERYTHING
from orchestrate.web.feed import Listener, Message


def test_who_reads_too_slowly_is_cut_off_and_nothing_piles_up() -> None:
    async def listen() -> list[Message | None]:
        listener = Listener(EVERYTHING)
        for number in range(1000):
            listener.put(Message("steps", "{}", number))
        assert listener.is_cut_off
        found: list[Message | None] = []
        while not found or found[-1] is not None:
            found.append(await listener.next(30.0))
        return found

    found = asyncio.run(listen())
    assert len(found) == 65
    assert [one.id for one in found if one is not None] == list(range(64))


def test_a_message_is_written_as_browsers_read_it() -> None:
    assert Message("steps", '{"a":"é"}', 7).encoded() == (
        'id: 7\nevent: steps\ndata: {"a":"é"}\n\n'.encode()
    )
    assert Message("hello", "{}").encoded() == b"event: hello\ndata: {}\n\n"

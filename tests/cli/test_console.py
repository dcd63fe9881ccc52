import errno
import io

import pytest

from orchestrate.cli.console import Stream


class Failing(io.StringIO):
    """A file whose bytes cannot be written."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def flush(self) -> None:
        raise OSError(self.number, "cannot")


@pytest.mark.parametrize("number", [errno.EPIPE, errno.EIO])
def test_a_reader_or_terminal_that_went_away_is_no_error(number: int) -> None:
    stream = Stream(Failing(number))
    stream.line("anybody?")
    assert not stream.alive
    stream.line("still?")
    stream.write_bytes(b"still?")


def test_a_full_disk_is_an_error() -> None:
    with pytest.raises(OSError, match="cannot") as caught:
        Stream(Failing(errno.ENOSPC)).line("x")
    assert caught.value.errno == errno.ENOSPC


def test_what_the_encoding_cannot_show_is_replaced() -> None:
    buffer = io.BytesIO()
    stream = Stream(io.TextIOWrapper(buffer, encoding="ascii"))
    stream.line("✓ done")
    assert buffer.getvalue() == b"? done\n"


def test_without_a_stream_nothing_happens() -> None:
    stream = Stream(None)
    stream.line("x")
    stream.write_bytes(b"x")
    assert not stream.is_terminal()

"""What stands before a Temporal server: something that ends TLS, and something that wants a key."""

import asyncio
import datetime
import ipaddress
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_DAY = datetime.timedelta(days=1)


class Identity(NamedTuple):
    """A certificate and its key, also as files."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    cert_file: Path
    key_file: Path


def authority(folder: Path, name: str) -> Identity:
    """Somebody who signs others."""
    return _issue(folder, name, None, ends_in=_DAY)


def issued(
    folder: Path, name: str, by: Identity, *, ends_in: datetime.timedelta = _DAY
) -> Identity:
    """Somebody at 127.0.0.1, or a client."""
    return _issue(folder, name, by, ends_in=ends_in)


def _issue(
    folder: Path, name: str, by: Identity | None, *, ends_in: datetime.timedelta
) -> Identity:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if by is None else by.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 2 * _DAY)
        .not_valid_after(now + ends_in)
        .add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
    )
    if by is not None:
        local = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        builder = builder.add_extension(local, critical=False)
    certificate = builder.sign(key if by is None else by.key, hashes.SHA256())
    cert_file, key_file = folder / f"{name}.crt", folder / f"{name}.key"
    cert_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return Identity(certificate, key, cert_file, key_file)


class Guard:
    """Listens on a port of its own, in a thread; subclasses say what becomes of a connection."""

    def __init__(self, context: ssl.SSLContext | None) -> None:
        self._context = context
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self.target = ""
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._ready.wait(120)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.set_exception_handler(lambda loop, context: None)  # handshakes are to fail
        server = self._loop.run_until_complete(
            asyncio.start_server(self._meet, "127.0.0.1", 0, ssl=self._context)
        )
        self.target = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._loop.call_soon(self._ready.set)
        self._loop.run_forever()
        server.close()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(self._ended(tasks))
        self._loop.close()

    async def _ended(self, tasks: set[asyncio.Task[None]]) -> None:
        await asyncio.gather(*tasks, return_exceptions=True)
        for _ in range(20):  # what was closed hears of it
            await asyncio.sleep(0)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self.meet(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise NotImplementedError

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(120)


class TlsEnd(Guard):
    """Ends TLS before `target`; what goes to it is shown to `seen`."""

    def __init__(
        self, target: str, server: Identity, clients: Path | None, seen: Callable[[bytes], None]
    ) -> None:
        """`clients`: who has to have signed the certificates of clients."""
        host, _, port = target.rpartition(":")
        self._behind = host, int(port)
        self._seen = seen
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(server.cert_file, server.key_file)
        context.set_alpn_protocols(["h2"])
        if clients is not None:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(clients)
        super().__init__(context)

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind, before = await asyncio.open_connection(*self._behind)
        try:
            await asyncio.gather(
                self._copy(reader, before, self._seen),
                self._copy(behind, writer, lambda data: None),
            )
        finally:
            before.transport.abort()

    async def _copy(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        seen: Callable[[bytes], None],
    ) -> None:
        while data := await reader.read(65536):
            seen(data)
            writer.write(data)
            await writer.drain()
        writer.close()


_SETTINGS, _HEADERS = 4, 1
_END_OF_ALL = 0x5
"""Flags of a frame: the stream ends, and so do its headers."""


class KeyRefused(Guard):
    """Answers every request as a server of HTTP/2 does that knows no such key: gRPC status 16."""

    def __init__(self) -> None:
        super().__init__(None)

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(len(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
        writer.write(_frame(_SETTINGS, 0, 0, b""))
        answer = b"\x88" + _header("content-type", "application/grpc")
        answer += _header("grpc-status", "16") + _header("grpc-message", "Request unauthorized.")
        while True:
            head = await reader.readexactly(9)
            kind, flags = head[3], head[4]
            stream = int.from_bytes(head[5:]) & 0x7FFFFFFF
            await reader.readexactly(int.from_bytes(head[:3]))
            if kind == _SETTINGS and not flags & 1:
                writer.write(_frame(_SETTINGS, 1, 0, b""))
            elif kind == _HEADERS:
                writer.write(_frame(_HEADERS, _END_OF_ALL, stream, answer))
            await writer.drain()


def _frame(kind: int, flags: int, stream: int, body: bytes) -> bytes:
    return len(body).to_bytes(3) + bytes((kind, flags)) + stream.to_bytes(4) + body


def _header(name: str, value: str) -> bytes:
    """Neither indexed nor compressed."""
    return b"\x00" + bytes((len(name),)) + name.encode() + bytes((len(value),)) + value.encode()


_CODES = {
    **{letter: (code, 5) for code, letter in enumerate("012aceiost")},
    " ": (0x14, 6), "r": (0x2C, 6), "B": (0x5D, 7),
}  # fmt: skip
"""Some of the codes with which HTTP/2 compresses headers (RFC 7541, appendix B)."""


def compressed(text: str) -> bytes:
    """A header's value as it goes over the wire."""
    bits = "".join(f"{code:0{length}b}" for code, length in (_CODES[letter] for letter in text))
    bits += "1" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8)

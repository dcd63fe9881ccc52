"""A way to a server that can be cut: what is sent meanwhile waits, as in a network that is down."""

import socket
import threading
from collections.abc import Callable


class Proxy:
    """Forwards connections to `target` (`host:port`), from an address of this machine."""

    def __init__(self, target: str, address: str = "127.0.0.1") -> None:
        host, _, port = target.rpartition(":")
        self._to = (host, int(port))
        self._whole = threading.Event()
        self._whole.set()
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server((address, 0))
        self.target = f"{address}:{self._listener.getsockname()[1]}"
        self._start(self._accept)

    def cut(self) -> None:
        """Nothing gets through."""
        self._whole.clear()

    def mend(self) -> None:
        """Everything does again, also what was sent meanwhile."""
        self._whole.set()

    def close(self) -> None:
        self._whole.set()
        for each in (self._listener, *self._sockets):
            with each:
                try:
                    each.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue

    def _start(self, work: Callable[..., None], *args: object) -> None:
        threading.Thread(target=work, args=args, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
                far = socket.create_connection(self._to)
            except OSError:
                return
            self._sockets += [near, far]
            self._start(self._forward, near, far)
            self._start(self._forward, far, near)

    def _forward(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                self._whole.wait()
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            return

"""Servers that misbehave on purpose: what a peer may do, byte by byte."""

import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Behaviour = Callable[[socket.socket], None]


@dataclass
class Peer:
    """A listening socket on loopback; `heard` holds what each connection began with."""

    port: int
    heard: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"


@contextmanager
def peer(behave: Behaviour, *, tls: ssl.SSLContext | None = None) -> Iterator[Peer]:
    """A server that reads one request and then does `behave` with the connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        found = Peer(listener.getsockname()[1])
        threads: list[threading.Thread] = []

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threads.append(threading.Thread(target=talk, args=[connection], daemon=True))
                threads[-1].start()

        def talk(connection: socket.socket) -> None:
            try:
                if tls:
                    connection = tls.wrap_socket(connection, server_side=True)
                with connection:
                    connection.settimeout(10)
                    found.heard.append(_request_from(connection))
                    behave(connection)
            except OSError:
                connection.close()  # the other side has had enough, as it should

        server = threading.Thread(target=serve, daemon=True)
        server.start()
        try:
            yield found
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            server.join(5)
            for thread in threads:
                thread.join(5)


def _request_from(connection: socket.socket) -> bytes:
    heard = b""
    while piece := connection.recv(65536):
        heard += piece
        head, end, body = heard.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head.lower())
        if end and len(body) >= int(length[1] if length else 0):
            break
    return heard


def answers(raw: bytes) -> Behaviour:
    """Say exactly this and hang up."""
    return lambda connection: connection.sendall(raw)


def drips(start: bytes, drop: bytes, *, every: float) -> Behaviour:
    """Say `start`, then a little more again and again, and never come to an end."""
    gone = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.sendall(start)
        while not gone.wait(every):
            connection.sendall(drop)

    return drip

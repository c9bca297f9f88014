"""Answers from outside have an end, in time as in size."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from domain.errors import ProviderBusy
from serving.outside import Outside


@pytest.fixture
def drip():
    """The address of a server that answers a byte at a time, each in good time, without an end."""
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            client, _ = listening.accept()
            with client:
                client.recv(4096)
                client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
                while not ended.wait(0.03):
                    try:
                        client.sendall(b"x")
                    except OSError:
                        return

        server = threading.Thread(target=answer)
        server.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        ended.set()
        server.join()


def test_an_answer_that_never_ends_is_given_up(drip):
    outside = Outside(frozenset({drip}), setting="X", seconds=0.1)
    began = time.monotonic()
    with pytest.raises(ProviderBusy, match="ReadTimeout"):
        outside.ask("GET", f"{drip}/", {})
    outside.close()
    assert time.monotonic() - began < 5

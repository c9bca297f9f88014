"""A mail server that takes everything and keeps nothing, as fast as Python can: `python -m bench.mail_sink`.

Prints its port on the loopback, serves until its standard input ends, and prints how many messages came. A server of
tests would be the slower end of every measurement.
"""

from __future__ import annotations

import asyncio
import sys

END = b"\r\n.\r\n"


class Session(asyncio.Protocol):
    """The least of RFC 5321 that a client of one message after another asks for."""

    taken = 0

    def __init__(self) -> None:
        self._waiting = b""
        self._is_in_message = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"220 sink ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        answers = []
        while self._waiting:
            end = END if self._is_in_message else b"\r\n"
            said, found, rest = self._waiting.partition(end)
            if not found:
                break
            self._waiting = rest
            answers.append(self._answer(said))
        if answers:
            self._transport.write(b"".join(answers))

    def _answer(self, said: bytes) -> bytes:
        if self._is_in_message:
            self._is_in_message = False
            Session.taken += 1
            return b"250 2.0.0 taken\r\n"
        verb = said[:4].upper()
        if verb == b"DATA":
            self._is_in_message = True
            return b"354 go on\r\n"
        if verb == b"EHLO":
            return b"250-sink\r\n250-PIPELINING\r\n250-SIZE 33554432\r\n250 8BITMIME\r\n"
        return b"221 bye\r\n" if verb == b"QUIT" else b"250 2.1.0 fine\r\n"


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(Session, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.close()
    print(Session.taken, flush=True)


if __name__ == "__main__":
    asyncio.run(_serve())

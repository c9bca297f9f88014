"""Messages over an SMTP session that is open and logged in (RFC 5321). Where the server offers it, what precedes a message goes
out at once (RFC 2920): two round trips for each message in place of four.

An answer is never taken for another's: a line on which something comes that nobody asked for is not used again.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from dataclasses import dataclass
from typing import cast

import aiosmtplib

from domain.outreach.retries import Phase, Reply
from serving.mail.base import NOT_REACHED, Outcome, Uncertain

PHASES = (Phase.SENDER, Phase.RECIPIENT, Phase.DATA)
TAKEN = (frozenset({250}), frozenset({250, 251}), frozenset({354}))
"""What a server answers to MAIL, RCPT and DATA where the next may follow."""
ACCEPTED, WAITS_FOR_MESSAGE = 250, 354
LONGEST_ANSWER = 64 * 1024
_LINE_END = re.compile(rb"\r\n|\r|\n")
_DOT = re.compile(rb"(?m)^\.")
_NO_ADDRESS = re.compile(r"[\x00-\x20\x7f<>]")


class Broken(Exception):
    """The line broke, or the server was silent for too long."""


@dataclass(frozen=True, slots=True)
class Answer:
    code: int
    text: str


class Line(asyncio.Protocol):
    """One session, used for one message at a time."""

    def __init__(self, transport: asyncio.Transport, *, at_once: bool, patience: float) -> None:
        self._transport, self._at_once, self._patience = transport, at_once, patience
        self._loop = asyncio.get_running_loop()
        self._received, self._answers = bytearray(), list[Answer]()
        self._wanted = 0
        self._waiter: asyncio.Future[None] | None = None
        self._broken_by: Exception | None = None

    @classmethod
    async def of(cls, client: aiosmtplib.SMTP, patience: float) -> Line:
        """Takes over a session that `aiosmtplib` has opened, secured and logged in to. `patience`: how many seconds an answer
        may take."""
        if client.last_ehlo_response is None:
            try:
                await client.ehlo()
            except aiosmtplib.SMTPHeloError:
                await client.helo()
        if client.transport is None:
            raise aiosmtplib.SMTPServerDisconnected("Connection lost")
        transport = cast("asyncio.Transport", client.transport)
        made = cls(transport, at_once=client.supports_extension("pipelining"), patience=patience)
        transport.set_protocol(made)
        return made

    @property
    def is_open(self) -> bool:
        return self._broken_by is None and not self._transport.is_closing()

    async def carry(self, sender: str, recipient: str, message: bytes) -> Outcome:
        """Hands one message over. Where it is not certain whether it was taken, the answer says so."""
        if _NO_ADDRESS.search(sender) or _NO_ADDRESS.search(recipient):
            return Reply(553, "not an address", Phase.RECIPIENT)
        more = "" if (sender + recipient).isascii() else " SMTPUTF8"
        commands = [f"MAIL FROM:<{sender}>{more}".encode(), f"RCPT TO:<{recipient}>".encode(), b"DATA"]
        refused = await self._announce(commands)
        if refused is not None:
            return refused
        try:
            answer = (await self._ask([as_data(message)]))[0]
        except Broken as error:
            return Uncertain(f"the line broke before the server answered ({error})")
        if answer.code != ACCEPTED:
            await self._reset()
        return Reply(answer.code, answer.text, Phase.DATA)

    async def quit(self, patience: float) -> None:
        """Ends the session in good order, if the server answers in time."""
        if self.is_open:
            self._patience = patience
            with contextlib.suppress(Broken):
                await self._ask([b"QUIT\r\n"])
        self.close()

    def close(self) -> None:
        self._transport.close()

    async def _announce(self, commands: list[bytes]) -> Reply | None:
        """Says who writes to whom; what a server answered that does not want the message, or could not be asked."""
        answers: list[Answer] = []
        try:
            if self._at_once:
                answers = await self._ask([command + b"\r\n" for command in commands])
            else:
                for command, taken in zip(commands, TAKEN, strict=True):
                    answers += await self._ask([command + b"\r\n"])
                    if answers[-1].code not in taken:
                        break
        except Broken as error:
            answers += self._answers
            refused = _refusal(answers)
            phase = PHASES[min(len(answers), len(PHASES) - 1)]
            return refused or Reply(NOT_REACHED.code, f"the line broke ({error})", phase)
        refused = _refusal(answers)
        if refused is not None and len(answers) == len(PHASES) and answers[-1].code == WAITS_FOR_MESSAGE:
            self.close()  # it waits for a message to nobody: an empty one might be taken for one
        elif refused is not None:
            await self._reset()
        return refused

    async def _reset(self) -> None:
        try:
            await self._ask([b"RSET\r\n"])
        except Broken:
            self.close()

    async def _ask(self, parts: list[bytes]) -> list[Answer]:
        """Writes, and waits for an answer to each part. Raises Broken, with those that came in `_answers`."""
        if not self.is_open:
            raise Broken(self._broken_by or "closed")
        self._answers, self._wanted = [], len(parts)
        self._transport.write(b"".join(parts))
        self._waiter = self._loop.create_future()
        timer = self._loop.call_later(self._patience, self._break, TimeoutError("no answer in time"))
        try:
            await self._waiter
        finally:
            timer.cancel()
            self._wanted, self._waiter = 0, None
        if self._broken_by is not None and len(self._answers) < len(parts):
            raise Broken(type(self._broken_by).__name__) from self._broken_by
        return self._answers

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._wanted or len(self._received) > LONGEST_ANSWER:
            self._break(ValueError("an answer that nobody asked for"))
            return
        while len(self._answers) < self._wanted and (answer := self._next_answer()) is not None:
            self._answers.append(answer)
        if len(self._answers) >= self._wanted and self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
            if self._received:
                self._break(ValueError("an answer that nobody asked for"))

    def eof_received(self) -> bool:
        self._break(ConnectionResetError("the server hung up"))
        return False

    def connection_lost(self, error: Exception | None) -> None:
        self._break(error or ConnectionResetError("the server hung up"))

    def _next_answer(self) -> Answer | None:
        """The first whole answer of what was received, taken out of it: lines of one code, the last without a hyphen."""
        said, at = [], 0
        while (end := self._received.find(b"\n", at)) >= 0:
            line = bytes(self._received[at : end + 1])
            at = end + 1
            said.append(line[4:].strip().decode("utf-8", "replace"))
            if line[3:4] != b"-":
                del self._received[:at]
                if not line[:3].isdigit():
                    self._break(ValueError("not an answer"))
                    return None
                return Answer(int(line[:3]), "\n".join(said))
        return None

    def _break(self, error: Exception) -> None:
        if self._broken_by is None:
            self._broken_by = error
            self._transport.close()
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


def as_data(message: bytes) -> bytes:
    """A message as it follows DATA: lines end in CRLF, a dot in front of a line is doubled, one alone ends it."""
    whole = message if _is_whole(message) else _LINE_END.sub(b"\r\n", message)
    stuffed = _DOT.sub(b"..", whole)
    return stuffed + (b".\r\n" if stuffed.endswith(b"\r\n") else b"\r\n.\r\n")


def _is_whole(message: bytes) -> bool:
    """Whether every line ends in CRLF: then there is nothing to repair."""
    ends = message.count(b"\r\n")
    return message.count(b"\n") == ends == message.count(b"\r")


def _refusal(answers: list[Answer]) -> Reply | None:
    """The first that does not let the message follow."""
    for answer, phase, taken in zip(answers, PHASES, TAKEN, strict=False):
        if answer.code not in taken:
            return Reply(answer.code, answer.text, phase)
    return None

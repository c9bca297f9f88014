"""An inbox, read by IMAP (RFC 9051, RFC 3501): opened with EXAMINE and fetched with PEEK, so that nothing in it changes."""

from __future__ import annotations

import imaplib
import re
import select
import socket
import ssl
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import TracebackType
from typing import Any, Self

from domain.errors import LeadhouseError, ProviderBusy, ProviderRefused
from serving.mail.servers import Server

LARGEST = 2_000_000
"""Bytes of a message that are fetched: words come before attachments."""
TIMEOUT_SECONDS = 30.0
LONGEST_IDLE = 25 * 60.0
"""Seconds: a server may end IDLE after 30 minutes (RFC 2177 §3)."""
_UID = re.compile(rb"\bUID (\d+)")
_ARRIVED = re.compile(rb'INTERNALDATE "([^"]+)"')


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far an inbox was read. UIDs grow, under one `uid_validity` (RFC 9051 §2.3.1.1); None where it never was."""

    uid_validity: int | None = None
    last_uid: int = 0


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as it lies in the inbox."""

    uid: int
    raw: bytes
    received_at: datetime


class Inbox:
    """An open inbox; a context manager. Raises ProviderRefused for a login that is wrong, ProviderBusy for all that passes."""

    def __init__(self, server: Server, address: str, *, folder: str = "INBOX") -> None:
        """`address`: the IP address to connect to, checked before (`serving.mail.servers.address_of`)."""
        self._server, self._address, self._folder = server, address, folder

    def __enter__(self) -> Self:
        self._client = _connected(self._server, self._address)
        try:
            self._client.login(self._server.username, self._server.password)
        except imaplib.IMAP4.error as problem:
            _hang_up(self._client)
            raise _login_refused(problem) from problem
        self._said("EXAMINE", self._client.select(_quoted(self._folder), readonly=True))
        self._validity, self._next_uid = self._number("UIDVALIDITY"), self._number("UIDNEXT")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        _hang_up(self._client)

    def read_since(self, cursor: Cursor, *, first_from: date, limit: int) -> tuple[list[Letter], Cursor]:
        """Letters that came in after `cursor`, oldest first, at most `limit`, and the cursor behind them.

        An inbox that was never read, or whose server has counted anew (another UIDVALIDITY), is read from `first_from` on:
        the same letters may come again, and are known by their Message-ID.
        """
        is_new = cursor.uid_validity != self._validity
        wanted = f"SINCE {first_from:%d-%b-%Y}" if is_new else f"UID {cursor.last_uid + 1}:*"
        found = self._said("SEARCH", self._client.uid("SEARCH", wanted))
        uids = sorted(int(each) for each in b" ".join(part for part in found if part).split())
        uids = [uid for uid in uids if is_new or uid > cursor.last_uid]  # `n:*` answers the last one even below n
        chosen = uids[:limit]
        letters = self._fetch(chosen) if chosen else []
        at_end = max(self._next_uid - 1, 0) if is_new else cursor.last_uid
        last = chosen[-1] if chosen else at_end
        return letters, Cursor(self._validity, last)

    def wait(self, seconds: float) -> bool:
        """Waits for news by IDLE (RFC 2177), else sleeps; answers whether there are some. At most 25 minutes."""
        seconds = min(seconds, LONGEST_IDLE)
        if "IDLE" not in self._client.capabilities:
            time.sleep(min(seconds, 60.0))
            return True
        return self._idle(seconds)

    def _idle(self, seconds: float) -> bool:
        tag, client = b"LH1", self._client
        try:
            client.send(tag + b" IDLE\r\n")
            while not client.readline().startswith(b"+"):
                pass
            has_news = _arrives(client, seconds)
            client.send(b"DONE\r\n")
            while line := client.readline():
                has_news = has_news or b" EXISTS" in line.upper()
                if line.startswith(tag):
                    return has_news
        except (OSError, imaplib.IMAP4.error) as problem:
            raise ProviderBusy(f"{self._server.host} ended the connection: {problem}") from problem
        raise ProviderBusy(f"{self._server.host} ended the connection")

    def _fetch(self, uids: list[int]) -> list[Letter]:
        numbers = ",".join(map(str, uids))
        answer = self._said("FETCH", self._client.uid("FETCH", numbers, f"(UID INTERNALDATE BODY.PEEK[]<0.{LARGEST}>)"))
        letters = (
            Letter(int(uid[1]), part[1], _arrived(part[0]))
            for part in answer
            if isinstance(part, tuple) and (uid := _UID.search(part[0]))
        )
        return sorted(letters, key=lambda letter: letter.uid)

    def _number(self, name: str) -> int:
        """What the server said of itself when the folder was opened; 0 where it said nothing."""
        _, found = self._client.response(name)
        return int(found[0]) if found and found[0] else 0

    def _said(self, command: str, answer: tuple[str, list[Any]]) -> list[Any]:
        status, data = answer
        if status != "OK":
            raise ProviderBusy(f"{self._server.host} answered {status} to {command}: {data!r:.200}")
        return data


def _connected(server: Server, address: str) -> imaplib.IMAP4:
    try:
        if server.security == "tls":
            return _Secure(server, address)
        client = _Plain(server, address)
        if server.security == "starttls":
            client.starttls(ssl.create_default_context())
    except ssl.SSLError as problem:
        raise ProviderRefused(f"{server.host} is not who it says, or speaks no TLS: {problem}") from problem
    except (OSError, imaplib.IMAP4.error) as problem:
        raise ProviderBusy(f"{server.host}:{server.port} does not answer: {problem}") from problem
    return client


class _Plain(imaplib.IMAP4):
    """Connects to the address that was checked, whatever the name says by now."""

    def __init__(self, server: Server, address: str) -> None:
        self._place = (address, server.port)
        super().__init__(server.host, server.port, TIMEOUT_SECONDS)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return socket.create_connection(self._place, timeout)


class _Secure(imaplib.IMAP4_SSL):
    def __init__(self, server: Server, address: str) -> None:
        self._place = (address, server.port)
        super().__init__(server.host, server.port, ssl_context=ssl.create_default_context(), timeout=TIMEOUT_SECONDS)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = socket.create_connection(self._place, timeout)
        secured: ssl.SSLSocket = self.ssl_context.wrap_socket(plain, server_hostname=self.host)
        return secured


def _arrives(client: imaplib.IMAP4, seconds: float) -> bool:
    """Whether the server says something, of a new letter or of nothing, before the time is over."""
    ends = time.monotonic() + seconds
    while (left := ends - time.monotonic()) > 0:
        pending = isinstance(client.sock, ssl.SSLSocket) and client.sock.pending() > 0
        if not pending and not select.select([client.sock], [], [], left)[0]:
            return False
        line = client.readline()
        if not line or b" EXISTS" in line.upper():
            return bool(line)
    return False


def _hang_up(client: imaplib.IMAP4) -> None:
    try:
        client.logout()
    except (OSError, imaplib.IMAP4.error):
        client.shutdown()


def _login_refused(problem: imaplib.IMAP4.error) -> LeadhouseError:
    if isinstance(problem, imaplib.IMAP4.abort) or "UNAVAILABLE" in str(problem).upper():
        return ProviderBusy(f"the server did not take the login now: {problem}")
    return ProviderRefused(f"the server refused the login: {problem}")


def _arrived(answer: bytes) -> datetime:
    found = _ARRIVED.search(answer)
    try:
        return datetime.strptime(found[1].decode().strip(), "%d-%b-%Y %H:%M:%S %z").astimezone(UTC) if found else _now()
    except ValueError:
        return _now()


def _now() -> datetime:
    return datetime.now(UTC)


def _quoted(folder: str) -> str:
    escaped = folder.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'

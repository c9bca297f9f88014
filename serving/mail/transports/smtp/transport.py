"""Handing over by SMTP (RFC 5321) over connections that are kept."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from datetime import timedelta
from ipaddress import ip_address
from typing import Any

import aiosmtplib

from domain.errors import LeadhouseError
from domain.outreach.retries import Phase, Reply
from domain.settings import OutreachSettings, Settings
from serving.mail.base import NOT_REACHED, Envelope, Outcome, Uncertain
from serving.mail.servers import Server, address_of

LOCAL_NAME = socket.getfqdn()
"""What we call ourselves in EHLO."""
MOST_PER_CONNECTION = 100
"""Many servers end a session after so many messages; ours end it first, in good order."""


class SmtpTransport:
    name = "smtp"
    repeats_for = timedelta()
    usual = None
    needs = "server"
    signs = False

    def connect(self, server: Server, settings: Settings) -> SmtpConnection:
        return SmtpConnection(server, settings.outreach)


class SmtpConnection:
    """Commands are sent one by one, so that it is known what the server answered to, and whether the message's last
    byte had left when a line broke."""

    def __init__(self, server: Server, settings: OutreachSettings) -> None:
        self._server, self._settings = server, settings
        self._client: aiosmtplib.SMTP | None = None
        self._carried = 0

    async def send(self, envelope: Envelope) -> Outcome:
        try:
            client = await self._open()
        except aiosmtplib.SMTPAuthenticationError as error:
            return Reply(error.code, error.message, Phase.LOGIN)
        except aiosmtplib.SMTPResponseException as error:
            return Reply(error.code, error.message, Phase.CONNECT)
        except LeadhouseError as error:
            return Reply(535, error.message, Phase.LOGIN)
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            await self.close()
            return Reply(NOT_REACHED.code, f"{NOT_REACHED.text}: {error}"[:300], Phase.CONNECT)
        return await self._transact(client, envelope)

    async def close(self) -> None:
        client, self._client, self._carried = self._client, None, 0
        if client is not None:
            with contextlib.suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
                await client.quit(timeout=2)
            client.close()

    async def _open(self) -> aiosmtplib.SMTP:
        if self._client is not None and (not self._client.is_connected or self._carried >= MOST_PER_CONNECTION):
            await self.close()
        if self._client is None:
            server = self._server
            self._client = await _connected(server, self._settings)
        return self._client

    async def _transact(self, client: aiosmtplib.SMTP, envelope: Envelope) -> Outcome:
        phase, is_ascii = Phase.SENDER, (envelope.sender + envelope.recipient).isascii()
        more: dict[str, Any] = {} if is_ascii else {"options": ["SMTPUTF8"], "encoding": "utf-8"}
        try:
            await client.mail(envelope.sender, **more)
            phase = Phase.RECIPIENT
            await client.rcpt(envelope.recipient, encoding="ascii" if is_ascii else "utf-8")
            phase = Phase.DATA
            answer = await client.data(envelope.message)
        except aiosmtplib.SMTPResponseException as error:
            await self._reset(client)
            return Reply(error.code, error.message, phase)
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            await self.close()
            if phase is Phase.DATA:
                return Uncertain(f"the line broke before the server answered ({type(error).__name__})")
            return Reply(NOT_REACHED.code, f"the line broke ({type(error).__name__})", phase)
        self._carried += 1
        return Reply(answer.code, answer.message, Phase.DATA)

    async def _reset(self, client: aiosmtplib.SMTP) -> None:
        try:
            await client.rset()
        except (aiosmtplib.SMTPException, OSError, TimeoutError):
            await self.close()


async def _connected(server: Server, settings: OutreachSettings) -> aiosmtplib.SMTP:
    """A session with the login done. The socket goes to the address that was checked; TLS asks for the name."""
    address = ip_address(await asyncio.to_thread(address_of, server, settings.local_servers))
    line = socket.socket(socket.AF_INET6 if address.version == 6 else socket.AF_INET, socket.SOCK_STREAM)
    try:
        line.setblocking(False)
        reached = asyncio.get_running_loop().sock_connect(line, (str(address), server.port))
        await asyncio.wait_for(reached, settings.timeout_seconds)
        client = aiosmtplib.SMTP(
            hostname=server.host,
            sock=line,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            username=server.username or None,
            password=server.password or None,
            local_hostname=LOCAL_NAME,
            timeout=settings.timeout_seconds,
        )
        await client.connect()
    except BaseException:
        line.close()
        raise
    return client


TRANSPORT = SmtpTransport()

"""Handing over by SMTP (RFC 5321) over connections that are kept."""

from __future__ import annotations

import asyncio
import socket
from datetime import timedelta
from ipaddress import ip_address

import aiosmtplib

from domain.errors import LeadhouseError
from domain.outreach.retries import Phase, Reply
from domain.settings import OutreachSettings, Settings
from serving.mail.base import NOT_REACHED, Envelope, Outcome
from serving.mail.servers import Server, address_of
from serving.mail.transports.smtp.line import Line

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
    """Opened, secured and logged in to by `aiosmtplib`; messages go over a `Line`, so that it is known what the server
    answered to, and whether the message's last byte had left when a line broke."""

    def __init__(self, server: Server, settings: OutreachSettings) -> None:
        self._server, self._settings = server, settings
        self._line: Line | None = None
        self._carried = 0

    async def send(self, envelope: Envelope) -> Outcome:
        try:
            line = await self._open()
        except aiosmtplib.SMTPAuthenticationError as error:
            return Reply(error.code, error.message, Phase.LOGIN)
        except aiosmtplib.SMTPResponseException as error:
            return Reply(error.code, error.message, Phase.CONNECT)
        except LeadhouseError as error:
            return Reply(535, error.message, Phase.LOGIN)
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            await self.close()
            return Reply(NOT_REACHED.code, f"{NOT_REACHED.text}: {error}"[:300], Phase.CONNECT)
        self._carried += 1
        return await line.carry(envelope.sender, envelope.recipient, envelope.message)

    async def close(self) -> None:
        line, self._line, self._carried = self._line, None, 0
        if line is not None:
            await line.quit(patience=2)

    async def _open(self) -> Line:
        if self._line is not None and (not self._line.is_open or self._carried >= MOST_PER_CONNECTION):
            await self.close()
        if self._line is None:
            self._line = await _connected(self._server, self._settings)
        return self._line


async def _connected(server: Server, settings: OutreachSettings) -> Line:
    """A session with the login done. The socket goes to the address that was checked; TLS asks for the name."""
    address = ip_address(await asyncio.to_thread(address_of, server, settings.local_servers))
    reached = socket.socket(socket.AF_INET6 if address.version == 6 else socket.AF_INET, socket.SOCK_STREAM)
    try:
        reached.setblocking(False)
        connecting = asyncio.get_running_loop().sock_connect(reached, (str(address), server.port))
        await asyncio.wait_for(connecting, settings.timeout_seconds)
        client = aiosmtplib.SMTP(
            hostname=server.host,
            sock=reached,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            username=server.username or None,
            password=server.password or None,
            local_hostname=LOCAL_NAME,
            timeout=settings.timeout_seconds,
        )
        await client.connect()
        return await Line.of(client, settings.timeout_seconds)
    except BaseException:
        reached.close()
        raise


TRANSPORT = SmtpTransport()

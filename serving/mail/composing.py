"""Messages as bytes (RFC 5322, MIME): what is sent is exactly what this answers, so that a signature over it holds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.charset import QP, Charset
from email.generator import BytesGenerator
from email.header import Header
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime
from io import BytesIO
from urllib.parse import quote

from domain.errors import InvalidInput
from storage.ops.repositories.outbox import Content

_AS_FOLDED = compat32.clone(linesep="\r\n", max_line_length=998)
"""Lines are folded where we fold them: at 78 characters the library would begin a long address on a line of its own."""
_QUOTED = Charset("utf-8")
_QUOTED.body_encoding = QP
_SPECIALS = re.compile(r"[^A-Za-z0-9 !#$%&\'*+/=?^_`{|}~-]")


@dataclass(frozen=True, slots=True)
class Sender:
    """Who it is from: an address, the name shown with it, and where answers go if not there."""

    address: str
    name: str = ""
    reply_to: str = ""


def compose(
    content: Content, sender: Sender, *, message_id: str, at: datetime, unsubscribe_url: str = "", token: str = ""
) -> bytes:
    """The message. Without `unsubscribe_url` (a test send) it carries no List-Unsubscribe.

    Raises InvalidInput where a value would begin a new header line.
    """
    message = _body(content)
    message["From"] = _address(sender.address, sender.name)
    if sender.reply_to and sender.reply_to != sender.address:
        message["Reply-To"] = _address(sender.reply_to)
    message["To"] = _address(content.to)
    message["Subject"] = _words(content.subject)
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id
    if content.in_reply_to:
        message["In-Reply-To"] = content.in_reply_to
        message["References"] = "\n ".join(content.references)
    if unsubscribe_url:
        mailto = f"<mailto:{quote(sender.address, safe='@+')}?subject={quote(f'unsubscribe {token}')}>"
        message["List-Unsubscribe"] = f"<{unsubscribe_url}>,\n {mailto}"
        if unsubscribe_url.startswith("https://"):  # RFC 8058 §3.1 asks for an https address
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    stream = BytesIO()
    BytesGenerator(stream, mangle_from_=False, policy=_AS_FOLDED).flatten(message)
    return stream.getvalue()


def new_message_id(outbox_message_id: str, sender_domain: str) -> str:
    """Ours can be told by its left part, and says nothing about whom it was for."""
    return f"<lh.{outbox_message_id}@{sender_domain}>"


def _body(content: Content) -> Message:
    text = _part(content.text, "plain")
    if not content.html:
        return text
    message = MIMEMultipart("alternative")
    message.attach(text)
    message.attach(_part(content.html, "html"))
    return message


def _part(text: str, kind: str) -> MIMEText:
    """7-bit where it fits into lines, else quoted-printable: a server may break lines of more than 998 bytes."""
    normal = "\n".join(text.splitlines()) + "\n"
    if normal.isascii() and all(len(line) <= 900 for line in normal.splitlines()):
        return MIMEText(normal, kind, "us-ascii")
    return MIMEText(normal, kind, _QUOTED)  # type: ignore[arg-type]


def _words(text: str) -> str:
    """Text outside ASCII as encoded words of at most 75 characters (RFC 2047 §2)."""
    return _one_line(text) if text.isascii() else Header(_one_line(text), "utf-8", header_name="Subject").encode()


def _address(address: str, name: str = "") -> str:
    """A mailbox of RFC 5322 §3.4; a name outside ASCII is encoded as RFC 2047 wants."""
    address, name = _one_line(address), _one_line(name)
    if not name:
        return address
    if not name.isascii():
        return f"{Header(name, 'utf-8', header_name='From').encode()}\n <{address}>"
    if _SPECIALS.search(name):
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}" <{address}>'
    return f"{name} <{address}>"


def _one_line(text: str) -> str:
    if "\r" in text or "\n" in text:
        raise InvalidInput("a line break in a header of a message")
    return text

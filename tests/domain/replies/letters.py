"""Letters as they come in, for the tests of replies."""

from __future__ import annotations

from email.message import Message

from domain.replies.messages import Incoming, parse


def letter(body: str = "Hello", *, content_type: str = "text/plain; charset=utf-8", **headers: str) -> Incoming:
    """A parsed message. Headers by name, with `_` for `-`; `from_` is From."""
    given = {"From": "Ada <ada@northwind.example>", "To": "bob@agency.example", "Subject": "Re: Hello"}
    given |= {name.strip("_").replace("_", "-").title(): value for name, value in headers.items()}
    lines = [f"{name}: {value}" for name, value in given.items() if value]
    return parse("\r\n".join([*lines, f"Content-Type: {content_type}", "", body]).encode())


def no_scan(_: Message) -> tuple[frozenset[str], frozenset[str]]:
    """No heuristics: what is found was found by the rules of the standards, and ours."""
    return frozenset(), frozenset()


def report(
    status: str, diagnostic: str, *, action: str = "failed", recipient: str = "ada@northwind.example"
) -> Incoming:
    """A delivery report as Postfix writes it (RFC 3464)."""
    body = (
        "--b\r\nContent-Type: text/plain\r\n\r\nI'm sorry to have to inform you.\r\n\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.agency.example\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; {diagnostic}\r\n\r\n"
        "--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <first@agency.example>\r\nTo: ada@northwind.example\r\n\r\n--b--\r\n"
    )
    return letter(
        body,
        content_type='multipart/report; report-type=delivery-status; boundary="b"',
        from_="MAILER-DAEMON@mx.agency.example",
        subject="Undelivered Mail Returned to Sender",
        return_path="<>",
        auto_submitted="auto-replied",
    )

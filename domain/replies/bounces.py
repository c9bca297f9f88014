"""Reports of failed delivery: fields of RFC 3464, what servers wrote before it, and which of our messages it was."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from email.message import Message
from email.utils import parseaddr

from domain.replies.failures import BounceKind, BounceReason, Failure, judge_failure
from domain.replies.messages import MESSAGE_ID, Incoming, decoded, part_of, text_in
from domain.replies.naming import recipients_named, told_in

Scan = Callable[[Message], tuple[frozenset[str], frozenset[str]]]
"""Finds (delayed, failed) addresses in reports that follow no standard."""

_MOST_RECIPIENTS = 100
_SUCCESSES = frozenset({"delivered", "relayed", "expanded"})
_SAYS_NOTHING = frozenset({BounceReason.UNKNOWN, BounceReason.UNDELIVERABLE})
_SENDER = re.compile(
    r"^(?:mailer-?daemon|postmaster|mail-?daemon|maildelivery|mdaemon|postoffice|(?:noreply|bounces?)[.+-]?[^@]*)@",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"undeliver|delivery (?:status|fail|problem|error|has failed|incomplete|delayed)|mail delivery|fail(?:ed|ure)\b.{0,20}(?:deliver|mail|notice|message)"
    r"|(?:message|mail)\b.{0,20}(?:delayed|not delivered|failure|failed|could not|system error)|returned (?:mail|to sender)|non.?deliver|user unknown"
    r"|unzustellbar|nicht zugestellt|unzustellbarkeit|zustellung fehlgeschlagen|non remis|[ée]chec de (?:la )?remise|no se (?:ha )?(?:podido )?entreg"
    r"|mancato recapito|niet bezorgd|n[ãa]o entregue|nondeliverable|automatically rejected|permanent (?:delivery )?(?:failure|error)|nieoczekiwany|warning: (?:message|could not)",
    re.IGNORECASE,
)
_POSTMASTER = re.compile(r"^(?:mailer-?daemon|post_?master)(?:@|$)", re.IGNORECASE)
_STILL_TRIED = re.compile(r"\bdelay|\bwarning\b|\bincomplete\b", re.IGNORECASE)
_PASSED_ON = re.compile(r"\s*(?:re|aw|sv|antw|odp)\s*:", re.IGNORECASE)
_FORWARDED = re.compile(r"\s*(?:fwd?|wg|tr|rv|i)\s*:", re.IGNORECASE)
_ORIGINAL_ID = re.compile(r"^[ \t>|]*message-id:[ \t]*(?:\r?\n[ \t>|]+)?(<[^<>\s]+>)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Bounce:
    """One recipient that a message did not reach, or not yet."""

    recipient: str
    """As we wrote it, where the report says so; in lower case."""
    failure: Failure
    diagnostic: str
    """The remote server's words, at most 500 characters."""
    original_message_id: str
    """Message-ID of what did not arrive; empty where the report does not carry it."""
    rule: str

    @property
    def kind(self) -> BounceKind:
        return self.failure.kind

    @property
    def is_final(self) -> bool:
        """False while the server still tries: nothing is to be done."""
        return self.failure.reason is not BounceReason.DELAYED

    @property
    def suppresses(self) -> bool:
        """Whether the address is to be left alone for good."""
        return self.is_final and self.kind is BounceKind.HARD


def bounces_of(incoming: Incoming, scan: Scan) -> tuple[Bounce, ...]:
    """The failures that a message reports, one for each recipient; empty for anything else.

    Fields of RFC 3464 first. `scan` is asked only about messages that a mail system wrote, by their sender or subject: a
    person who quotes a report reports nothing.
    """
    message = incoming.parsed
    status = part_of(message, "message/delivery-status")
    if status is not None and _is_own_report(incoming):
        found = tuple(_reported(status, incoming.text, original_id(incoming)))
        actions = {decoded(group.get("Action", "")).casefold().split(" ")[0] for group in _groups(status)} - {""}
        if found or (actions and actions <= _SUCCESSES) or not _is_from_mail_system(incoming):
            return found[:_MOST_RECIPIENTS]
    if not _is_from_mail_system(incoming):
        return ()
    delayed, failed = scan(message)
    original = original_id(incoming)
    if failed or delayed:
        return tuple(
            _told(address, incoming.text, original, is_delay=address not in failed)
            for address in sorted(failed | delayed)[:_MOST_RECIPIENTS]
        )
    if not (_POSTMASTER.search(incoming.sender) or _SUBJECT.search(incoming.subject)):
        return ()
    is_delay = bool(_STILL_TRIED.search(incoming.subject))
    named = (_told(address, incoming.text, original, is_delay=is_delay) for address in recipients_named(incoming))
    says_failure = bool(_SUBJECT.search(incoming.subject))
    return tuple(each for each in named if says_failure or each.failure.reason is not BounceReason.UNKNOWN)


def is_report(incoming: Incoming) -> bool:
    """Whether it is a delivery report by its type, also one of success (RFC 3464 §2.3.3: delivered, relayed, expanded)."""
    return part_of(incoming.parsed, "message/delivery-status") is not None and _is_own_report(incoming)


def original_id(incoming: Incoming) -> str:
    """Message-ID of the message that a report is about: from the copy it carries, from its text, or what it answers."""
    for content_type in ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global-headers"):
        part = part_of(incoming.parsed, content_type)
        if part is None:
            continue
        inner = part.get_payload()
        if isinstance(inner, list) and inner and isinstance(inner[0], Message):
            ids = MESSAGE_ID.findall(decoded(inner[0].get("Message-ID", "")))
            if ids:
                return str(ids[0])
        if found := _ORIGINAL_ID.search(text_in(part)):
            return found[1]
    if found := _ORIGINAL_ID.search(incoming.text):
        return found[1]
    return (incoming.in_reply_to or incoming.references[-1:] or ("",))[0]


def _is_own_report(incoming: Incoming) -> bool:
    """A report, and not a person's message that one is attached to."""
    return incoming.parsed.get_content_type() == "multipart/report" or _is_from_mail_system(incoming)


def _is_from_mail_system(incoming: Incoming) -> bool:
    is_nobody = not incoming.sender or incoming.first("return-path").strip() == "<>"
    if is_nobody or "x-failed-recipients" in incoming.headers or _SENDER.search(incoming.sender):
        return True
    is_answer = bool(incoming.in_reply_to or incoming.references) and bool(_PASSED_ON.match(incoming.subject))
    return bool(_SUBJECT.search(incoming.subject)) and not is_answer and not _FORWARDED.match(incoming.subject)


def _reported(status: Message, text: str, original: str) -> Iterator[Bounce]:
    seen: set[str] = set()
    for group in _groups(status):
        recipient = _recipient(group)
        action = decoded(group.get("Action", "")).casefold()
        code = decoded(group.get("Status", ""))
        is_delay = action.startswith("delayed")
        if not recipient or recipient in seen or not (is_delay or action.startswith(("fail", "error")) or not action):
            continue
        if not action and not code.startswith(("4", "5")):
            continue
        seen.add(recipient)
        diagnostic = re.sub(
            r"^\s*(?:smtp|x-[\w-]+)\s*;\s*", "", decoded(group.get("Diagnostic-Code", "")), flags=re.IGNORECASE
        )
        failure = judge_failure(code, diagnostic, is_delay=is_delay)
        if (
            failure.reason in _SAYS_NOTHING
            and (told := _told(recipient, text, original, is_delay=False)).failure.reason not in _SAYS_NOTHING
        ):
            failure, diagnostic = replace(told.failure, status=failure.status, code=failure.code), told.diagnostic
        yield Bounce(recipient, failure, diagnostic[:500], original, "delivery_status")


def _groups(status: Message) -> Sequence[Message]:
    """The field groups of a delivery-status part, of which the parser makes messages."""
    inner = status.get_payload()
    return [each for each in inner if isinstance(each, Message)] if isinstance(inner, list) else []


def _recipient(group: Message) -> str:
    """The address we wrote (Original-Recipient) before the one it became (Final-Recipient), without its type."""
    for name in ("Original-Recipient", "Final-Recipient"):
        value = decoded(group.get(name, ""))
        kind, divided, address = value.partition(";")
        if divided and kind.strip().casefold() not in {"rfc822", "utf-8"}:
            continue
        found = parseaddr(address if divided else value)[1].strip().casefold()
        if "@" in found:
            return found
    return ""


def _told(address: str, text: str, original: str, *, is_delay: bool) -> Bounce:
    """A failure told in words: those near the address, and above the copy of the original."""
    told = told_in(text)
    place = told.casefold().find(address.partition("@")[0].casefold()) if address else -1
    near = told[max(0, place - 300) : place + 1_200] if place >= 0 else told[:1_500]
    failure = judge_failure("", re.sub(r"\s+", " ", near), is_delay=is_delay)
    if failure.reason in _SAYS_NOTHING:
        failure = judge_failure("", re.sub(r"\s+", " ", told[:2_000]), is_delay=is_delay)
    return Bounce(address, failure, re.sub(r"\s+", " ", near).strip()[:500], original, "words")

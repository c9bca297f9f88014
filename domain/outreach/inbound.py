"""What a received message is: a bounce, a complaint, an automatic answer, or a person. Headers first, words last."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum

from domain.outreach.retries import Phase, Reply, ReplyClass, classify

Headers = Mapping[str, Sequence[str]]
"""Values by name in lower case."""


class InboundKind(StrEnum):
    """What a message is."""

    REPLY = "reply"
    UNSUBSCRIBE = "unsubscribe"
    AUTO_REPLY = "auto_reply"
    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    BULK = "bulk"
    """A list's or a machine's: nobody answered."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What a message is, and which rule said so."""

    kind: InboundKind
    rule: str


_AUTO_SUBJECT = re.compile(
    r"^\s*(?:re:\s*)?(?:automatic reply|auto(?:matic)?[ -]?(?:reply|response|antwort)|out of (?:the )?office|ooo\b"
    r"|automatische antwort|abwesenheits?(?:notiz|nachricht)?|r[ée]ponse automatique|absence du bureau"
    r"|respuesta autom[áa]tica|fuera de la oficina|risposta automatica|automatisch antwoord|autosvar|automaattinen)",
    re.IGNORECASE,
)
_LEAVE_ME = re.compile(
    r"\bunsubscribe\b|\bopt(?:ing)?[ -]?out\b|remove me\b|take me off|stop (?:e-?mailing|contacting|writing|messaging|sending)"
    r"|(?:do not|don'?t|never) (?:contact|e-?mail|write|message)(?: to)? me|no more (?:e-?mails|messages)"
    r"|delete my (?:data|details|address|e-?mail)|\bgdpr\b|\bdsgvo\b|cease and desist|\bspam\b.{0,40}\breport|report.{0,40}\bspam\b"
    r"|abmelden|austragen|keine (?:weiteren )?(?:e-?mails|nachrichten|werbung)|nicht mehr (?:kontaktieren|anschreiben)"
    r"|d[ée]sabonn|d[ée]sinscri|ne plus (?:recevoir|me contacter)|darme de baja|dar de baja|cancellami|uitschrijven|afmelden",
    re.IGNORECASE,
)
_BARE_STOP = re.compile(r"^\W*(?:stop|remove|unsubscribe|no thanks,? remove me)\W*$", re.IGNORECASE)
_MONTHS = (
    ("january", "januar", "janvier"), ("february", "februar", "février"), ("march", "märz", "mars"),
    ("april", "avril"), ("may", "mai"), ("june", "juni", "juin"), ("july", "juli", "juillet"),
    ("august", "août"), ("september", "septembre"), ("october", "oktober", "octobre"),
    ("november", "novembre"), ("december", "dezember", "décembre"),
)  # fmt: skip
_MONTH = {
    name[:length]: number + 1 for number, names in enumerate(_MONTHS) for name in names for length in (3, len(name))
}
_NAMES = "|".join(
    sorted(
        {name for names in _MONTHS for name in names} | {n[:3] for names in _MONTHS for n in names},
        key=len,
        reverse=True,
    )
)
_BACK = (
    r"(?:until|till|return(?:ing)?|back|through|bis|wieder|zurück|ab dem|jusqu'au|retour|de retour)"
    r"[^.\n\d]{0,60}?"
)
_ISO = re.compile(_BACK + r"\b(\d{4})-(\d{2})-(\d{2})\b", re.IGNORECASE)
_DAY_MONTH = re.compile(
    _BACK + rf"\b(\d{{1,2}})(?:st|nd|rd|th|\.)?\s+(?:of\s+)?({_NAMES})\b\.?,?\s*(\d{{4}})?", re.IGNORECASE
)
_MONTH_DAY = re.compile(
    r"(?:until|till|return(?:ing)?|back|through)[^.\n]{0,60}?"
    rf"\b({_NAMES})\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?\b,?\s*(\d{{4}})?",
    re.IGNORECASE,
)
_DOTTED = re.compile(_BACK + r"\b(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})?", re.IGNORECASE)


def judge(headers: Headers, text: str) -> Judged:  # noqa: PLR0911  one for each mark
    """Which kind a message is. `text` is its plain text without what it quotes.

    Order: report types (RFC 3464, RFC 5965), `Auto-Submitted` (RFC 3834), other marks of machines, the subject in several
    languages; only what is left was written by a person, and may ask to be left alone.
    """
    content_type = _first(headers, "content-type").casefold()
    if content_type.startswith("multipart/report"):
        if "feedback-report" in content_type:
            return Judged(InboundKind.COMPLAINT, "report_type")
        if "delivery-status" in content_type:
            return Judged(InboundKind.BOUNCE, "report_type")
        return Judged(InboundKind.BULK, "report_type")  # a receipt for reading says nothing
    sender = _first(headers, "from").casefold()
    if re.search(r"mailer-daemon|postmaster@", sender) and _first(headers, "return-path").strip() in {"", "<>"}:
        return Judged(InboundKind.BOUNCE, "null_sender")
    submitted = _first(headers, "auto-submitted").split(";")[0].strip().casefold()
    if submitted and submitted != "no":
        return Judged(InboundKind.AUTO_REPLY, "auto_submitted")
    precedence = _first(headers, "precedence").strip().casefold()
    if {"x-autoreply", "x-autorespond", "x-auto-response"} & set(headers) or precedence == "auto_reply":
        return Judged(InboundKind.AUTO_REPLY, "auto_reply_header")
    if _AUTO_SUBJECT.search(_first(headers, "subject")):
        return Judged(InboundKind.AUTO_REPLY, "subject")
    if "list-id" in headers or precedence in {"bulk", "list", "junk"}:
        return Judged(InboundKind.BULK, "list_header")
    if wants_to_be_left(text):
        return Judged(InboundKind.UNSUBSCRIBE, "words")
    return Judged(InboundKind.REPLY, "no_mark_of_a_machine")


def wants_to_be_left(text: str) -> bool:
    """Whether somebody asks not to be written to, or speaks of the law. Rather once too often: it costs a lead, not
    trust."""
    return bool(_LEAVE_ME.search(text) or any(_BARE_STOP.match(line) for line in text.strip().splitlines()[:2]))


def returns_at(text: str, now: datetime) -> datetime | None:
    """When somebody who is away says they are back: the first such day after `now`, at its first hour in UTC."""
    for pattern, order in ((_ISO, "ymd"), (_DAY_MONTH, "dmy"), (_MONTH_DAY, "mdy"), (_DOTTED, "dmy")):
        found = pattern.search(text)
        day = _day(dict(zip(order, found.groups(), strict=True)), now.date()) if found else None
        if day is not None and day > now.date():
            return datetime.combine(day, time(), UTC)
    return None


def _day(parts: Mapping[str, str | None], today: date) -> date | None:
    month, year = (parts["m"] or "").casefold(), parts["y"]
    try:
        number = int(month) if month.isdigit() else _MONTH[month]
        chosen = int(year) + (2000 if len(year) == 2 else 0) if year else today.year
        found = date(chosen, number, int(parts["d"] or 0))
        return found if year or found >= today else found.replace(year=today.year + 1)
    except (ValueError, KeyError):
        return None


def bounce_class(status: str, diagnostic: str) -> ReplyClass:
    """What a delivery report says, by its `Status` and `Diagnostic-Code` (RFC 3464 §2.3). A mailbox that is full and a
    message taken for spam are no invalid addresses."""
    code = re.search(r"\b([245]\d{2})\b", diagnostic)
    first = status.strip()[:1]
    number = int(code[1]) if code else {"4": 450, "5": 550, "2": 250}.get(first, 450)
    if first == "5" and number < 500:
        number = 550
    text = f"{status} {diagnostic}" if status.strip() else diagnostic
    return classify(Reply(number, text, Phase.RECIPIENT))


def _first(headers: Headers, name: str) -> str:
    values = headers.get(name) or ("",)
    return values[0]

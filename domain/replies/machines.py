"""Which messages no person wrote: automatic answers (RFC 3834), lists, receipts. Headers first, the subject last."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from domain.replies.messages import Incoming


class MachineKind(StrEnum):
    """What a program sent it for."""

    AUTO_REPLY = "auto_reply"
    """An answer to ours: somebody is away, has left, or a ticket was opened."""
    BULK = "bulk"
    """A newsletter, a notification or a receipt: no answer at all."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What gives a program away."""

    kind: MachineKind
    rule: str


_SUBJECT = re.compile(
    r"^\W*(?:(?:re|aw|sv|tr|wg|fwd?)\s*:\s*)*\W*(?:"
    r"auto(?:mat(?:ic|ed))?[ -]?(?:reply|response|answer)|out[ -]of[ -](?:the[ -])?office|ooo\b|away from (?:the |my )?(?:office|desk|mail)"
    r"|(?:i am |i'm )?(?:currently )?on (?:annual |parental |maternity |paternity |sick )?(?:leave|vacation|holidays?)\b|vacation (?:reply|response|notice)"
    r"|automatische (?:antwort|r[üu]ckantwort)|autom\.? ?antwort|abwesenheit\w*|(?:ich bin )?(?:derzeit |momentan |aktuell )?(?:nicht im (?:haus|b[üu]ro)|abwesend|im urlaub)"
    r"|r[ée]ponse automatique|(?:message d')?absence|absent du bureau|en cong[ée]s?\b"
    r"|respuesta autom[áa]tica|fuera de (?:la )?oficina|ausente|de vacaciones"
    r"|risposta automatica|fuori (?:ufficio|sede)|assente|in ferie"
    r"|automatisch (?:antwoord|bericht)|afwezig\w*|niet aanwezig|met vakantie"
    r"|resposta autom[áa]tica|aus[êe]ncia|fora do escrit[óo]rio|de f[ée]rias"
    r"|auto ?svar|automatisk(?:t)? svar|autosvar|fr[åa]nvaro|frav[æa]r|poissa|automaattinen vastaus"
    r"|automatyczna odpowied[źz]|autoodpowied[źz]|poza biurem|nieobecno[śs][ćc]|automatick[áa] odpov[ěe][ďd]|автоответ|自动回复|自動返信|自動回覆)",
    re.IGNORECASE,
)
_TICKET = re.compile(
    r"\b(?:ticket|case|request|incident|anfrage|vorgang)\s*(?:id|no\.?|nr\.?|number|nummer)?\s*[#:]?\s*[\[(]?[#a-z]{0,6}-?\d{3,}"
    r"|\[(?:ticket|case|request)[^\]]{0,40}\d{3,}\]|##-? ?(?:please type|bitte antworten)",
    re.IGNORECASE,
)
_ACKNOWLEDGED = re.compile(
    r"(?:we|i) (?:have )?received your (?:e-?mail|message|request|inquiry)|your (?:request|message|ticket) has been (?:received|created)"
    r"|thank you for (?:contacting|your (?:e-?mail|message|inquiry))|wir haben ihre (?:anfrage|nachricht|e-?mail) erhalten"
    r"|(?:danke|vielen dank) f[üu]r ihre (?:anfrage|nachricht|e-?mail)",
    re.IGNORECASE,
)


_DAEMON = re.compile(r"(?:mailer-?daemon|post_?master)(?:@|$)", re.IGNORECASE)
"""Who no person writes as; nor does a person's mail come from nobody (RFC 3834 §3.3)."""
_AUTO_REPLY_HEADERS = frozenset(
    {"x-autoreply", "x-autorespond", "x-autoresponse", "x-auto-reply", "x-auto-response", "x-mail-autoreply"}
)
_LIST_HEADERS = frozenset({"list-id", "list-post", "list-unsubscribe"})


def mark_of(incoming: Incoming) -> Mark | None:
    """The first mark of a program; None where a person may have written it.

    Order: receipts (RFC 8098), RFC 3834's own field, what servers used before it, what programs are told not to answer,
    the subject in thirteen languages, lists, a ticket's number with an acknowledgement.
    """
    if _is_receipt(incoming):
        return Mark(MachineKind.BULK, "receipt")
    if found := _submitted(incoming):
        return found
    answered = {
        "auto_reply_header": bool(_AUTO_REPLY_HEADERS & set(incoming.headers)),
        "precedence": _precedence(incoming) in {"auto_reply", "auto-reply", "autoreply"},
        "exchange_header": "x-ms-exchange-inbox-rules-loop" in incoming.headers
        or incoming.first("x-auto-response-suppress").casefold() in {"all", "oof"},
        "subject": _says_so(incoming),
        "null_sender": incoming.first("return-path").strip() == "<>" or bool(_DAEMON.match(incoming.sender)),
    }
    if rule := next((rule for rule, holds in answered.items() if holds), None):
        return Mark(MachineKind.AUTO_REPLY, rule)
    if _is_bulk(incoming):
        return Mark(MachineKind.BULK, "list_header")
    if _TICKET.search(incoming.subject) and _ACKNOWLEDGED.search(incoming.text[:2_000]):
        return Mark(MachineKind.AUTO_REPLY, "ticket")
    return None


def _is_receipt(incoming: Incoming) -> bool:
    content_type = incoming.first("content-type").casefold()
    return content_type.startswith("multipart/report") and "disposition-notification" in content_type


def _submitted(incoming: Incoming) -> Mark | None:
    """A notification says auto-generated too (RFC 3834 §5): an answer comes back to something, or says that it is one."""
    submitted = re.split(r"[;\s(]", incoming.first("auto-submitted").strip().casefold(), maxsplit=1)[0]
    if submitted in {"", "no"}:
        return None
    is_answer = submitted == "auto-replied" or _is_answer(incoming) or _says_so(incoming)
    is_list = bool(_LIST_HEADERS & set(incoming.headers))
    return Mark(MachineKind.AUTO_REPLY if is_answer or not is_list else MachineKind.BULK, "auto_submitted")


def _is_bulk(incoming: Incoming) -> bool:
    """Somebody who answers from behind a group's address has its list fields too."""
    is_list = bool(_LIST_HEADERS & set(incoming.headers))
    is_many = is_list or _precedence(incoming) in {"bulk", "list", "junk"} or "feedback-id" in incoming.headers
    return is_many and not _is_answer(incoming)


def _is_answer(incoming: Incoming) -> bool:
    return bool(incoming.in_reply_to or incoming.references)


def _precedence(incoming: Incoming) -> str:
    return incoming.first("precedence").strip().casefold()


def _says_so(incoming: Incoming) -> bool:
    return bool(_SUBJECT.search(incoming.subject))

"""What a failure of delivery means: whether the address is at fault, the sender, or only the moment.

Enhanced status codes (RFC 3463, and the registry that RFC 5248 opened) are believed first where they say something; words
decide where they do not, for 5.0.0 and 5.7.1 stand for everything. A full mailbox or a blocked sender is no reason to
leave somebody alone for good: only an address that does not exist is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class BounceKind(StrEnum):
    """Whose fault it is, which is what is done about it."""

    HARD = "hard"
    """The address will never take mail: it is suppressed."""
    SOFT = "soft"
    """Not now: full, busy, given up after days. It may be written to again later."""
    BLOCK = "block"
    """Our reputation, our authentication or our words: an alarm for the sender, no fault of the recipient."""
    POLICY = "policy"
    """Their rules refuse this message or any from outside: not for this address, and no sign of ill repute."""


class BounceReason(StrEnum):
    """Why, in words that are kept."""

    NO_SUCH_ADDRESS = "no_such_address"
    NO_SUCH_DOMAIN = "no_such_domain"
    MAILBOX_DISABLED = "mailbox_disabled"
    MAILBOX_FULL = "mailbox_full"
    DELAYED = "delayed"
    """Still being tried: no failure yet."""
    EXPIRED = "expired"
    TRY_LATER = "try_later"
    REPUTATION = "reputation"
    AUTHENTICATION = "authentication"
    SPAM_CONTENT = "spam_content"
    NOT_PERMITTED = "not_permitted"
    TOO_LARGE = "too_large"
    CONTENT_REFUSED = "content_refused"
    LOOP = "loop"
    UNDELIVERABLE = "undeliverable"
    """For good, and nothing more is said."""
    UNKNOWN = "unknown"
    """Not even whether for good."""


KIND_OF = {
    BounceReason.NO_SUCH_ADDRESS: BounceKind.HARD,
    BounceReason.NO_SUCH_DOMAIN: BounceKind.HARD,
    BounceReason.MAILBOX_DISABLED: BounceKind.HARD,
    BounceReason.MAILBOX_FULL: BounceKind.SOFT,
    BounceReason.DELAYED: BounceKind.SOFT,
    BounceReason.EXPIRED: BounceKind.SOFT,
    BounceReason.TRY_LATER: BounceKind.SOFT,
    BounceReason.REPUTATION: BounceKind.BLOCK,
    BounceReason.AUTHENTICATION: BounceKind.BLOCK,
    BounceReason.SPAM_CONTENT: BounceKind.BLOCK,
    BounceReason.NOT_PERMITTED: BounceKind.POLICY,
    BounceReason.TOO_LARGE: BounceKind.POLICY,
    BounceReason.CONTENT_REFUSED: BounceKind.POLICY,
    BounceReason.LOOP: BounceKind.SOFT,
    BounceReason.UNDELIVERABLE: BounceKind.HARD,
    BounceReason.UNKNOWN: BounceKind.SOFT,
}


@dataclass(frozen=True, slots=True)
class Failure:
    """What is known of one failure. `status` is `x.y.z` or empty, `code` three digits or None."""

    reason: BounceReason
    status: str
    code: int | None

    @property
    def kind(self) -> BounceKind:
        return KIND_OF[self.reason]


_ENHANCED = re.compile(r"(?<![\d.])([45])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_CODE = re.compile(r"(?:^|[\s;:(<#])([45]\d\d)(?=[\s\-#:]|$)")
_NAMES = re.compile(
    r"https?://\S+|<?[^\s<>@]+@[^\s<>@]+>?|\b[\w-]+(?:\.[\w-]+){2,}\b|\b[\w-]+\.[a-z]{2,}\b", re.IGNORECASE
)
"""Addresses, hosts and pages: `antispam.example.com said` accuses nobody of spam."""

_WORDS = {
    BounceReason.AUTHENTICATION: (
     r"\bdmarc\b|\bspf\b|\bdkim\b|unauthenticated|authentication (?:check|fail|result|required|information)|not authenticated"
     r"|sender (?:id|address) (?:rejected|verification failed|verify failed)|sender policy|reverse dns|ptr record|no \bptr\b"
     r"|invalid sender|sender denied|not allowed to send (?:from|as)|\bhelo\b.{0,30}(?:reject|invalid|denied)"),
    BounceReason.NO_SUCH_ADDRESS: (
     r"user (?:is )?unknown|unknown (?:user|recipient|address|local|mailbox|or illegal alias)|no such (?:\w+ )?(?:user|recipient|mailbox|address|person|account|name|local)"
     r"|(?:recipient|address|user|mailbox|account|alias|destination)\b.{0,80}?(?:not found|does ?n[o']t exist|do not exist|does not exist|is invalid|unknown|not exist|not known|not valid|not recogni[sz]ed|not listed)"
     r"|invalid (?:recipient|mailbox|address|user)|not a (?:valid|known) (?:mailbox|recipient|user|address)|no mailbox (?:here|by that name)"
     r"|(?:recipient|user|address|mailbox) (?:address )?(?:is )?(?:rejected: access denied|undeliverable|unavailable)|not our customer|no account|no (?:valid )?recipients?\b"
     r"|bad destination mailbox|ambiguous|can ?not (?:find|deliver to) (?:this |the )?(?:user|recipient|mailbox)|could not find a user"
     r"|(?:doesn'?t|do not|does not|don'?t) have (?:an? )?(?:\w+ )?(?:account|mailbox|user)|no longer (?:works|employed|valid|exists?|available|active|in use)"
     r"|empf[äa]nger.{0,40}(?:unbekannt|nicht gefunden|existiert nicht)|destinataire inconnu|usuario desconocido|unrouteable address|not listed in"
     r"|account .{0,40}(?:closed|deleted|removed)|address (?:you )?.{0,30}misspelled|not (?:a )?local|user .{0,30}not (?:here|on this)|invalid final delivery userid|final (?:e-?mail )?delivery point|no match(?:es)?\b|not exactly match"),
    BounceReason.NO_SUCH_DOMAIN: (
     r"(?:host|domain)(?: or domain)?(?: name)?.{0,60}?(?:not found|unknown|does ?n[o']t exist|does not exist|not exist|lookup fail|no mx)|unknown (?:host|domain)|bad (?:host|domain|destination system)"
     r"|no (?:valid |such )?(?:mx|mail (?:server|exchanger)|host|domain)|nxdomain|null ?mx|unroutable|unrouteable|name service error|could ?n[o']t find any host|could not find a gateway|dns (?:error|failure|loop)"),
    BounceReason.MAILBOX_DISABLED: (
     r"(?:account|mailbox|user|address|recipient|alias)\b.{0,40}?(?:disabled|discontinued|inactive|suspended|deactivated|not active|frozen|locked|terminated|expired|blocked due to inactivity)|disabled (?:account|mailbox|user)"),
    BounceReason.MAILBOX_FULL: (
     r"(?:mailbox|inbox|folder|account|mail ?drop)\b.{0,40}?(?:is )?(?:full|over|exceed)|over ?quota|quota (?:is )?(?:exceeded|full)|exceed\w* (?:\w+ )?(?:quota|storage|mailbox|disk)|exceeded storage|insufficient (?:\w+ )?storage"
     r"|out of (?:storage|disk|space)|not enough (?:\w+ )?(?:space|storage)|disk (?:full|quota)|no space|mailbox size|postfach.{0,20}voll|bo[iî]te.{0,30}pleine"),
    BounceReason.SPAM_CONTENT: (
     r"\bspam(?!\w*(?:haus|cop))|\buce\b|unsolicited|\bjunk\b|bulk mail|content (?:rejected|filter|policy)|message (?:content|looks like|classified|identified)|suspicious|high(?:ly)? probability|phish|message (?:was )?blocked|virus"),
    BounceReason.REPUTATION: (
     r"block ?list|black ?list|deny ?list|blocked|\brbl\b|\bdnsbl\b|spamhaus|spamcop|barracuda|sorbs|reputation|banned|listed (?:at|by|in|on)|poor (?:ip|domain)|too many (?:complaints|bad|spam)|your (?:ip|network|domain|server)|ip address.{0,40}(?:reject|refus|deni)|client host.{0,40}rejected|\bs3150\b|\bs3140\b"),
    BounceReason.TOO_LARGE: (
     r"(?:message|mail|file)\b.{0,30}?(?:too (?:large|big)|size (?:exceed|limit)|exceeds? .{0,30}size)|size limit|too large|maximum .{0,40}size"),
    BounceReason.LOOP: (
     r"mail loop|too many hops|hop count|loop(?:s|ed)? (?:back|detected)|message looping|mail forwarding loop"),
    BounceReason.EXPIRED: (
     r"delivery time expired|(?:retry|message) time(?:out| exceeded)|expired|retry timeout|too old|unable to deliver .{0,40}(?:days|hours)|timed? ?out|not (?:been )?(?:delivered|collected) .{0,40}(?:days|hours)|warning time"),
    BounceReason.NOT_PERMITTED: (
     r"(?:not|isn'?t) (?:authori[sz]ed|permitted|allowed)|(?:relay(?:ing)?|access|permission) (?:\w+ )?(?:denied|not permitted)|unable to relay|relaying|relay not|restricted|denied by|only (?:accepts?|members)|policy|administrative prohibition|prohibited|refused by (?:the )?recipient|moderat|closed list|not a member|authenticated senders|confirm(?:ation)? (?:is )?required|sender is not|\brejected\b|\brefused\b|\bfiltered\b|violation|mismatch"),
    BounceReason.CONTENT_REFUSED: (
     r"attachment|content type|encoding|malformed|header|conversion|not supported|8bit|line too long|rfc ?\d{3,4}"),
    BounceReason.TRY_LATER: (
     r"try (?:again )?later|temporar|at a rate that|requests? to connect|greylist|grey ?list|deferred|too (?:many|busy)|rate limit|throttl|service (?:un)?available|not available|connection (?:refused|timed|lost|closed|reset|died)|could not connect|no route|unreachable|resources|server (?:busy|down|error)|overload"),
}  # fmt: skip
"""In the order in which they are looked for: who speaks of SPF speaks of the sender, whatever else is in the line."""
_FOR_GOOD = re.compile(r"\bpermanent|\bfatal\b|undeliverable|unzustellbar", re.IGNORECASE)
_SAID = tuple((reason, re.compile(pattern, re.IGNORECASE)) for reason, pattern in _WORDS.items())

_AUTHENTICATION_DETAILS = frozenset(
    {5, 7, 8, 9, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 57, 60, 509, 512, 515, 705, 708}
)
_RESTRICTED_DETAILS = frozenset({2, 12, 14, 16, 120, 123, 124, 126, 129, 132, 133, 134, 135, 136})
"""X.7.x of the registry, and of Exchange Online's list of groups and mailboxes that take no mail from outside."""


_OF_DETAIL = {
    (1, 1): BounceReason.NO_SUCH_ADDRESS,
    (1, 2): BounceReason.NO_SUCH_DOMAIN,
    (1, 3): BounceReason.NO_SUCH_ADDRESS,
    (1, 4): BounceReason.NO_SUCH_ADDRESS,
    (1, 6): BounceReason.NO_SUCH_ADDRESS,
    (1, 7): BounceReason.AUTHENTICATION,
    (1, 8): BounceReason.AUTHENTICATION,
    (1, 10): BounceReason.NO_SUCH_DOMAIN,
    (2, 1): BounceReason.MAILBOX_DISABLED,
    (2, 2): BounceReason.MAILBOX_FULL,
    (2, 3): BounceReason.TOO_LARGE,
    (2, 4): BounceReason.NOT_PERMITTED,
    (3, 4): BounceReason.TOO_LARGE,
    (4, 4): BounceReason.NO_SUCH_DOMAIN,
    (4, 6): BounceReason.LOOP,
    (4, 7): BounceReason.EXPIRED,
    (4, 312): BounceReason.NO_SUCH_DOMAIN,
    (4, 316): BounceReason.EXPIRED,
    (7, 13): BounceReason.MAILBOX_DISABLED,
    (7, 17): BounceReason.MAILBOX_DISABLED,
}
"""Codes that mean one thing, by subject and detail."""
_BLAMED_ON_US = frozenset({BounceReason.NO_SUCH_ADDRESS, BounceReason.MAILBOX_DISABLED})
"""What servers also answer to a sender that they block: their words are believed before the code."""
_OF_CODE = {
    521: BounceReason.NOT_PERMITTED,
    550: BounceReason.NO_SUCH_ADDRESS,
    551: BounceReason.NO_SUCH_ADDRESS,
    552: BounceReason.MAILBOX_FULL,
    553: BounceReason.NO_SUCH_ADDRESS,
    554: BounceReason.NOT_PERMITTED,
    571: BounceReason.NOT_PERMITTED,
}
"""What a reply code alone is taken for (RFC 5321 §4.2.3), where nothing else is said."""


def judge_failure(status: str, diagnostic: str, *, is_delay: bool = False) -> Failure:
    """What a failure means, by its `Status` and `Diagnostic-Code` (RFC 3464 §2.3); either may be empty.

    An enhanced code in the diagnostic is the remote server's own word and goes before the status, which the reporting
    server may have made up. `is_delay`: the report says that it is still being tried.
    """
    found = _ENHANCED.findall(diagnostic)
    own = _ENHANCED.search(status)
    enhanced = max(found, key=_says) if found else own.groups() if own else None
    if enhanced and own and _says(own.groups()) > _says(enhanced):
        enhanced = own.groups()
    code = _CODE.search(diagnostic)
    digits = int(code[1]) if code else None
    written = ".".join(enhanced) if enhanced else ""
    if is_delay:
        return Failure(BounceReason.DELAYED, written, digits)
    words = re.sub(r"\s+", " ", _NAMES.sub(" ", f"{status} {diagnostic}"))
    return Failure(_reason(enhanced, digits, words), written, digits)


def _says(enhanced: tuple[str, ...]) -> int:
    """How much a code says: nothing, a subject, or a detail of it."""
    return (enhanced[1] != "0") + (enhanced[2] != "0")


def _reason(enhanced: tuple[str, ...] | None, code: int | None, words: str) -> BounceReason:
    said = [reason for reason, pattern in _SAID if pattern.search(words)]
    is_temporary = enhanced[0] == "4" if enhanced else code is not None and code < 500
    if is_temporary:
        return _temporary(enhanced, said)
    found = _by_code(int(enhanced[1]), int(enhanced[2]), said) if enhanced else None
    if found or said:
        return found or said[0]
    if code in _OF_CODE:
        return _OF_CODE[code]
    if enhanced and enhanced[1] == "1":
        return BounceReason.NO_SUCH_ADDRESS
    return BounceReason.UNDELIVERABLE if enhanced or code or _FOR_GOOD.search(words) else BounceReason.UNKNOWN


def _temporary(enhanced: tuple[str, ...] | None, said: list[BounceReason]) -> BounceReason:
    """Nothing that is said for now makes an address invalid, however it is put."""
    place = (int(enhanced[1]), int(enhanced[2])) if enhanced else (0, 0)
    first = said[0] if said else None
    if place == (2, 2) or first is BounceReason.MAILBOX_FULL:
        return BounceReason.MAILBOX_FULL
    if place == (4, 7) or first is BounceReason.EXPIRED:
        return BounceReason.EXPIRED
    return first if first and KIND_OF[first] is BounceKind.BLOCK else BounceReason.TRY_LATER


def _by_code(subject: int, detail: int, said: list[BounceReason]) -> BounceReason | None:
    """What `5.subject.detail` says by itself; None where only words can tell."""
    blames_us = next((each for each in said if KIND_OF[each] is BounceKind.BLOCK), None)
    found = _OF_DETAIL.get((subject, detail)) or (_of_policy(detail, said) if subject == 7 else None)
    if found is BounceReason.NO_SUCH_ADDRESS and found in said:
        return found
    if found in _BLAMED_ON_US and blames_us:
        return blames_us
    if found is BounceReason.MAILBOX_DISABLED and said[:1] == [BounceReason.TRY_LATER]:
        return BounceReason.TRY_LATER
    return found or (blames_us or BounceReason.CONTENT_REFUSED if subject == 6 else None)


def _of_policy(detail: int, said: list[BounceReason]) -> BounceReason:
    if detail in _AUTHENTICATION_DETAILS:
        return BounceReason.AUTHENTICATION
    if detail in _RESTRICTED_DETAILS:
        return BounceReason.NOT_PERMITTED
    if 500 <= detail < 900:
        return BounceReason.REPUTATION
    return said[0] if said else BounceReason.NOT_PERMITTED

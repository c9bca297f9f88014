"""What somebody wrote themselves: without the messages they quote, their signature, and what their employer adds below.

Rules by line, in the languages mail programs speak; linear in the length of the text whatever is in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_ATTRIBUTION_START = re.compile(
    r"^[ \t>*_-]*(?:on|am|le|el|il(?: giorno)?|op|em|den|dne|dnia|w dniu|в|пн|вт|ср|чт|пт|сб|вс|(?:ma|ti|ke|to|pe|la|su|man|tir|ons|tor|fre|lør|søn)\.?\s+\d|\d{1,4}[-./]\d{1,2}[-./]\d{1,4}|\d{4}年|(?:mon|tue|wed|thu|fri|sat|sun)\w*,?\s+\d|.{0,60}<[^<>\s]+@[^<>\s]+>)",
    re.IGNORECASE,
)
_ATTRIBUTION_END = re.compile(
    r"(?:wrote|writes|schrieb(?: [^\n:]{0,80})?|geschrieben|a [ée]crit|escribi[óo]|ha scritto|schreef(?: [^\n:]{0,80})?|escreveu|skrev(?: [^\n:]{0,80})?|napsala?|napisał\(?a?\)?|kirjoitti|написала?|пишет|yazdı|写道|のメール|撰寫|写：)\s*[:：]?\s*$",
    re.IGNORECASE,
)
_ADDRESSED = re.compile(r"\b(?:20\d\d|\d\d?[./-]\d\d?[./-]\d\d)\b.*<[^<>\s]+@[^<>\s]+\s*>\s*[:：]\s*$")
"""An attribution without a verb: a day, and an address before a colon."""
_DIVIDER = re.compile(
    r"^[ \t>*]*(?:-{2,}|_{2,}|={2,})?[ \t]*(?:original(?:e|nachricht| message| appointment)?(?: message| nachricht)?|ursprüngliche (?:nachricht|e-?mail)|originalnachricht|weitergeleitete nachricht|forwarded message|message d'origine|message (?:original|transféré)|mensaje (?:original|reenviado)|messaggio (?:originale|inoltrato)|oorspronkelijk bericht|doorgestuurd bericht|mensagem (?:original|encaminhada)|ursprungligt meddelande|oprindelig (?:meddelelse|besked)|opprinnelig melding|alkuperäinen viesti|wiadomość oryginalna|исходное сообщение)[ \t]*(?:-{2,}|_{2,}|={2,}|:)[ \t]*$"
    r"|^[ \t]*begin forwarded message:|^[ \t]*anfang der weitergeleiteten nachricht:|^[ \t]*(?:[#=*-]{2,} ?)?(?:please )?(?:reply|type your reply|antwort) above this line",
    re.IGNORECASE,
)
_FIELD = re.compile(
    r"^[ \t>*_]*(?P<name>message du|from|sent|to|subject|date|cc|reply-to|von|gesendet|an|betreff|datum|de|envoyé|à|a|objet|date|enviado(?: el)?|para|asunto|fecha|da|inviato|oggetto|data|van|verzonden|aan|onderwerp|assunto|från|skickat|till|ämne|fra|sendt|til|emne|od|wysłano|do|temat|lähettäjä|lähetetty|vastaanottaja|aihe|от|отправлено|кому|тема)[ \t]?\*?[ \t]?:\*?",
    re.IGNORECASE,
)
_SENDERS = frozenset({"message du", "from", "von", "de", "da", "van", "från", "fra", "od", "lähettäjä", "от"})
_RULE = re.compile(r"^[ \t]*[_-]{10,}[ \t]*$")
_DELIMITER = re.compile(r"^[ \t]*(?:--|__|={2,}|—|– ?–|-- ?-)[ \t]*$")
_DEVICE = re.compile(
    r"^[ \t]*(?:<?(?:sent|get|envoy[ée]|gesendet|von meinem|enviado|inviato|verzonden|verstuurd|skickat|sendt|wysłane)\b.{0,20}\b(?:from|via|with|depuis|de|mit|von|desde|dal|dalla|vanaf|från|fra|z|outlook for|meinem)?\b.{0,60}(?:iphone|ipad|android|blackberry|outlook|mobile|mobil\w*|phone|handy|galaxy|samsung|yahoo|device|gerät|mail|proton|windows)\b.{0,60})$"
    r"|^[ \t]*(?:sent from my|von meinem .{0,30} gesendet|sent via|sent with)\b.{0,60}$|^[ \t]*get outlook for\b.{0,60}$",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"^[ \t]*(?:(?:best|kind|warm|many|with (?:best|kind))?\s*regards|(?:all the )?best(?: wishes)?|cheers|sincerely|yours (?:sincerely|faithfully|truly)|thanks(?: again| (?:and|&) regards| so much)?|thank you|thx|br|rgds|kr|respectfully"
    r"|(?:mit )?(?:freundliche[nr]?|besten?|viele[nr]?|liebe[nr]?|herzliche[nr]?|schöne[nr]?)\s+grü(?:ß|ss)en?(?: aus .{0,30})?|mfg|vg|lg|bg|beste grüße|hochachtungsvoll|danke|vielen dank"
    r"|(?:bien )?cordialement|(?:meilleures |sincères )?salutations|bien à vous|merci"
    r"|(?:un )?(?:cordial )?saludos?|atentamente|gracias|cordiali saluti|distinti saluti|grazie|met vriendelijke groet(?:en)?|groet(?:en|jes)?|mvg|cumprimentos|atenciosamente|obrigad[oa]|med vänlig hälsning|mvh|hälsningar|pozdrawiam)"
    r"[ \t]*[,.!–-]*[ \t]*$",
    re.IGNORECASE,
)
_DISCLAIMER = re.compile(
    r"^[ \t*_]*(?:(?:confidential\w*|privileged|legal|important|privacy)(?: (?:and privileged|notice|note|information|message|statement))*\s*(?:[:!–-]|$)|disclaimer|caution:|warning:|haftungsausschluss|vertraulichkeitshinweis|(?:this|the (?:information|contents?)) (?:e-?mail|message|communication|(?:contained )?in this)\b.{0,120}(?:confidential|privileged|intended|solely)"
    r"|diese (?:e-?mail|nachricht)\b.{0,80}(?:vertraulich|bestimmt)|the information contained in|ce (?:message|courriel)\b.{0,80}confidentiel|este (?:mensaje|correo)\b.{0,80}confidencial|please consider the environment|(?:registered (?:office|in)|sitz der gesellschaft|geschäftsführer|amtsgericht|handelsregister|ust-?id)\b)",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"^[ \t]*[>|]")
_NAME_DASH = re.compile(r"^[ \t]*[-–—][ \t]?[^\W\d_][\w.'’ -]{1,40}$")
LONGEST_SIGNATURE = 12
"""Lines below a closing: more than that is not a signature."""
MOST_LINES = 2_000


@dataclass(frozen=True, slots=True)
class Words:
    """A message taken apart. `written` is what the sender wrote, `quoted` what they answer, `signature` what is below."""

    written: str
    quoted: str
    signature: str


def words_of(text: str) -> Words:
    """Takes a message apart. Answers between quoted lines, or below them, count as written."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[:MOST_LINES]
    written: list[str] = []
    quoted: list[str] = []
    place = 0
    while place < len(lines):
        length, takes_all = _quote_at(lines, place)
        if takes_all:
            quoted += lines[place:]
            break
        if length:
            quoted += lines[place : place + length]
            place += length
            continue
        written.append(lines[place])
        place += 1
    body, signature = _without_signature(written)
    return Words(_joined(body), _joined(quoted), _joined(signature))


def _quote_at(lines: list[str], place: int) -> tuple[int, bool]:
    """(lines of quotation that begin here, whether all that follows is quotation too)."""
    line = lines[place]
    if _QUOTED.match(line) or _is_wrapped(lines, place):
        return 1, False
    if _DIVIDER.match(line):
        return 1, True
    length = _attribution(lines, place)
    if length:
        after = next((each for each in lines[place + length :] if each.strip()), "")
        return length, bool(after) and not _QUOTED.match(after)
    start = place + 1 if _RULE.match(line) else place
    if _fields(lines, start) >= 2:
        return 1, True
    return 0, False


def _is_wrapped(lines: list[str], place: int) -> bool:
    """The rest of a quoted line that was too long for the program that sent it."""
    if not 0 < place < len(lines) - 1 or not lines[place][:1].islower():
        return False
    return len(lines[place - 1]) >= 70 and bool(_QUOTED.match(lines[place - 1]) and _QUOTED.match(lines[place + 1]))


def _attribution(lines: list[str], place: int) -> int:
    """How many lines `On …, … wrote:` takes from here: it is wrapped over up to four, without a blank one."""
    if not _ATTRIBUTION_START.match(lines[place]) and not re.match(r"^[ \t>*_-]*\d", lines[place]):
        return 0
    for length in range(1, 5):
        chunk = lines[place : place + length]
        if len(chunk) < length or not chunk[-1].strip() or len(chunk[-1]) > 400:
            return 0
        said = " ".join(chunk)
        if _ADDRESSED.search(said):
            return length
        if _ATTRIBUTION_END.search(chunk[-1]):
            return length if re.search(r"\d|@|<", said) else 0
    return 0


def _fields(lines: list[str], place: int) -> int:
    """How many fields of a copied header stand here, the first of which names the sender; 0 where none does."""
    found: set[str] = set()
    for line in [each for each in lines[place : place + 8] if each.strip()][:6]:
        match = _FIELD.match(line)
        if match is None:
            if not found:
                return 0
            continue
        name = match["name"].casefold()
        if not found and name not in _SENDERS:
            return 0
        found.add(name)
    return len(found)


def _without_signature(lines: list[str]) -> tuple[list[str], list[str]]:
    first = next((number for number, line in enumerate(lines) if line.strip()), len(lines))
    for number in range(first, len(lines)):
        line = lines[number]
        rest = [each for each in lines[number + 1 :] if each.strip()]
        is_delimiter = _DELIMITER.match(line) or (_RULE.match(line) and number > first)
        if is_delimiter or _DEVICE.match(line) or (_DISCLAIMER.match(line) and number > first):
            return lines[:number], lines[number:]
        is_below = number > first and len(rest) <= LONGEST_SIGNATURE
        if is_below and _CLOSING.match(line) and all(len(each) <= 120 for each in rest[:4]):
            return lines[:number], lines[number:]
        is_last = not rest or bool(_DELIMITER.match(rest[0]) or _RULE.match(rest[0]))
        if is_below and _NAME_DASH.match(line) and is_last and not lines[number - 1].strip():
            return lines[:number], lines[number:]
    return lines, []


def _joined(lines: list[str]) -> str:
    return "\n".join(line.rstrip() for line in lines).strip("\n")

"""What people ask that is always granted: no more mail, or they speak of the law. Words only, and rather once too often.

In English, German, French, Spanish, Italian, Dutch and Portuguese. Only what somebody wrote themselves is looked at: our
own footer, quoted below an answer, asks for nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class DemandKind(StrEnum):
    """Both end all mail to whoever wrote; the second is for a person to answer."""

    UNSUBSCRIBE = "unsubscribe"
    LEGAL = "legal"


@dataclass(frozen=True, slots=True)
class Demand:
    """A demand and the words that make it."""

    kind: DemandKind
    phrase: str


_MAIL = r"(?:e-?mail(?:s|ing)?|mail(?:s|ing)?|messages?|newsletters?|spam|contact|communications?|outreach|writing|contacting|reaching out|nachrichten|werbung|anfragen|courriels?|correos?|mensajes?|messaggi|berichten|mensagens)"
_UNSUBSCRIBE = (
    r"\bunsub\b|\bun-?subscribe(?! (?:rates?|links?|pages?|lists?|handling|flows?|headers?|buttons?))\b|\bopt(?:ing)?[ -]?(?:me )?out\b(?! (?:rates?|links?|handling|pages?|flows?))",
    r"\b(?:remove|delete|take|drop|strike|exclude) (?:me|us|my|our|this)\b.{0,60}\b(?:list|lists|database|data|address|e-?mails?|details|crm|system|records?|sequence|campaign|off)\b",
    r"\b(?:remove|delist) me\b|\b(?:please|pls|kindly|and) (?:remove|delist|unsubscribe)[\s.!]*$|\b(?:did not|didn't|never) (?:sign(?:ed)? up|subscribed?|ask(?:ed)? for|opt(?:ed)?[ -]?in|consent(?:ed)?)\b|\btake (?:me|us) off\b|\bget me off\b|\bdelete my (?:data|e-?mail|details|information)",
    rf"\b(?:stop|quit|cease|no more) (?:sending|{_MAIL}|bothering|pestering|spamming|all)\b|\bno (?:more|further) {_MAIL}\b",
    r"\b(?:do not|don'?t|never|please not) (?:ever )?(?:e-?mail|contact|write(?: to)?|message|send|approach|call|bother) (?:me|us|this|here|any ?more)\b(?! (?:until|before|for (?:now|a)|next|this|today|yet|on|in\b))",
    r"\bleave (?:me|us) alone\b|\b(?:lose|forget) (?:my|this) (?:e-?mail|address|number|contact)",
    r"^\s*(?:please\s+)?(?:stop|stopp|arr[êe]t(?:ez)?|basta|remove|baja|cancel)[\s.!]*$",
    r"\babmelden\b|\baustragen\b|\babbestell\w*|\bkeine (?:weiteren?|mehr) (?:e-?)?\w*(?:mails?|nachrichten|werbung|anfragen|kontaktaufnahmen?)\b|\bkeine (?:e-?)?\w*(?:mails?|nachrichten|werbung|anfragen)\b.{0,15}\bmehr\b",
    r"\b(?:aus|von) (?:ihrem|deinem|dem|ihrer|deiner|der|eurem|eurer) (?:\w+ )?(?:verteiler|liste|\w*liste|datenbank)|\bl(?:ö|oe)sch\w*\b.{0,30}\b(?:mich|meine?n?|unsere?)\b|\b(?:meine?n?|unsere?) \w+ (?:zu )?l(?:ö|oe)schen",
    r"\b(?:kontaktier|schreib|anschreib|mail)\w*\b.{0,25}\b(?:nicht|nie) (?:mehr|wieder)\b|\bnicht (?:mehr|weiter|wieder) (?:an)?(?:kontaktier|schreib)\w*|\bnehmen sie mich\b.{0,30}\b(?:raus|heraus|liste|verteiler)",
    r"\bd[ée]s(?:abonn|inscri)\w*|\bretire[zr][ -]?(?:moi|nous|mon|mes)\b|\bsupprim\w+ (?:moi|mon|mes|nos|notre)\b|\bne (?:me|m'|nous) (?:plus |contact|[ée]criv|envoy|sollicit)\w*|\bne plus (?:me|m'|nous|recevoir|[êe]tre)\b|\barr[êe]te[zr] (?:de|vos|ces)\b",
    r"\b(?:dar|d[ée]n?|darme|darse|quiero|solicito)\w* (?:la )?(?:me )?(?:de )?baja\b|\bde baja\b.{0,30}\b(?:lista|correo|suscripci)|\bno (?:me|nos) (?:escrib|contact|env[íi]|mand)\w*|\b(?:elimin|borr|quit)\w* (?:mi|mis|nuestr\w+|me)\b|\bdej\w+ de (?:escribir|enviar|contactar|mandar)\w*",
    r"\bcancell(?:ami|atemi|arci|armi)\b|\bdisiscri\w+|\b(?:non|smett\w+ di) (?:scriv|contatt|invi|mandar)\w*(?:mi|ci)\b|\brimuov\w* (?:mi|il mio|la mia|ci)|\brimuovetemi\b|\bnon desidero (?:pi[ùu] )?ricevere",
    r"\bafmelden\b|\buitschrijven\b|\bschrijf (?:mij|me|ons) uit\b|\bgeen (?:verdere?|meer) (?:e-?)?(?:mails?|berichten)\b|\bgeen (?:e-?)?(?:mails?|berichten) meer\b|\bverwijder (?:mij|me|ons|mijn)\b|\bniet meer (?:mailen|contacteren|benaderen|schrijven)",
    r"\bdescadastr\w+|\bremov\w+[ -](?:me|meu|o meu)\b|\bcancel\w+ (?:a |minha )*(?:inscri|subscri)\w+|\bpar\w+ de (?:enviar|mandar|contactar)|\bn[ãa]o (?:me |nos )?(?:envi|contact|mand|escrev)\w+(?:[ -](?:me|nos|mais))",
)
_LEGAL = (
    r"\bcease[ -]and[ -]desist\b|\blegal (?:action|proceedings?|steps|consequences)\b|\b(?:my|our) (?:lawyers?|attorneys?|solicitors?|legal (?:counsel|team|department)) (?:will|shall|are going to|is going to) (?:contact|write|be in touch|get in touch|deal|follow|be contacting|take)|\b(?:sue|suing) (?:you|your)\b|\blaw ?suit\b",
    r"\b(?:hear\w*|letter|contacted|speak\w*|talk\w*|forward\w*|pass\w*|refer\w*|hand\w*)\b.{0,30}\b(?:from|by|to|with) (?:my|our) (?:lawyer|attorney|solicitor)s?\b|\bpress charges\b|\bharass\w*",
    r"\b(?:violat|breach|infring|contraven|in breach|illegal|unlawful)\w*\b.{0,60}\b(?:gdpr|pecr|can-?spam|casl|data protection|privacy|law|act|regulations?)\b|\b(?:gdpr|pecr|can-?spam|casl|privacy law)\b.{0,40}\b(?:violat|breach|infring|illegal|unlawful|complaint|fine)\w*",
    r"\b(?:report|reporting|reported|complain\w*|complaint|forward\w*)\b.{0,40}\b(?:ico|ftc|cnil|spamcop|data protection (?:authority|commission\w*|office\w*)|information commissioner|regulator|authorit(?:y|ies)|your (?:provider|host|isp))\b|\breport(?:ed|ing)? (?:you|this|it|your \w+) (?:as|for) (?:spam|abuse|phishing)\b",
    r"\b(?:gdpr|subject access|data access|right (?:to|of) (?:erasure|be forgotten|access)|dsar)\b.{0,30}\brequest\b|\bsubject access request\b|\bart(?:icle|\.|ikel)?\s*(?:15|17|21)\b.{0,30}\b(?:gdpr|dsgvo|rgpd|avg|ds-gvo)\b|\b(?:legal|lawful) basis\b.{0,60}\b(?:my|contact|e-?mail|process)",
    r"\b(?:where|how) did you (?:get|obtain|find) (?:my|our|this) (?:e-?mail|address|data|details|contact|personal|information|name|number)",
    r"\babmahn\w*|\b(?:mein|unser|unsere|meine|einen|unserem|meinem|unseren|meinen) (?:rechts)?anw[aä]lt\w*|\brechtlich\w* (?:schritte|vorgehen|gegen)|\bunterlassung\w*|\bdatenschutzbeh[öo]rde|\bdatenauskunft|\bauskunft\b.{0,40}\b(?:art|dsgvo|daten)|\b(?:dsgvo|uwg)\b.{0,40}\b(?:versto|verlet|widrig|unzul)\w*|\bversto(?:ß|ss|en|ße)\w*\b.{0,40}\b(?:dsgvo|uwg|datenschutz)|\b(?:woher|wo) haben sie (?:meine|unsere)",
    r"\bmise en demeure\b|\b(?:mon|notre|nos) avocats?\b|\bpoursuites?\b.{0,20}\b(?:judiciaire|l[ée]gal)|\b(?:plainte|signal\w+|saisir)\b.{0,30}\bcnil\b|\brgpd\b.{0,40}\b(?:viol|non.?respect|demande|plainte)|\bacciones legales\b|\b(?:mi|nuestro) abogad\w+|\bdenuncia\w*\b|\baepd\b|\bazioni legali\b|\b(?:mio|nostro) avvocato|\bgarante\b.{0,30}\bprivacy|\bjuridische stappen\b|\b(?:mijn|onze) advocaat|\bautoriteit persoonsgegevens|\bmedidas legais\b|\b(?:meu|nosso) advogado",
)
_SAID = (
    (DemandKind.LEGAL, tuple(re.compile(pattern, re.IGNORECASE | re.MULTILINE) for pattern in _LEGAL)),
    (DemandKind.UNSUBSCRIBE, tuple(re.compile(pattern, re.IGNORECASE | re.MULTILINE) for pattern in _UNSUBSCRIBE)),
)
LONGEST_DEMAND = 4_000
"""Characters of an answer that are looked at."""


def demand_in(written: str) -> Demand | None:
    """The demand that somebody's own words make, the law before all else; None without one."""
    said = re.sub(r"[’‘`´]", "'", written[:LONGEST_DEMAND])
    said = re.sub(r"(?<=[^\s.!?:])[ \t]*\n(?=[ \t]*\S)", " ", said) if "\n" in said.strip() else said
    for kind, patterns in _SAID:
        for pattern in patterns:
            if found := pattern.search(said):
                return Demand(kind, found[0].strip()[:120])
    return None


_BY_SUBJECT = re.compile(
    r"^\s*(?:(?:re|aw|fwd?)\s*:\s*)*(?:un-?subscribe|opt[ -]?out|abmelden|d[ée]sabonnement|d[ée]sinscription|baja|stop)\b",
    re.IGNORECASE,
)


def demand_by_subject(subject: str, written: str) -> Demand | None:
    """What a mail program sends when its "unsubscribe" button is pressed (RFC 2369 `mailto`): a subject, hardly a text."""
    found = _BY_SUBJECT.match(subject)
    is_answer = bool(re.match(r"\s*(?:re|aw|fwd?)\s*:", subject, re.IGNORECASE))
    return (
        Demand(DemandKind.UNSUBSCRIBE, subject.strip()[:120])
        if found and (not is_answer or len(written) < 200)
        else None
    )

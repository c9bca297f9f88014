"""Automatic answers that say where somebody is: away until a day, or gone for good."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from domain.replies.dates import Day, days_in

_AWAY = re.compile(
    r"out of (?:the )?office|\booo\b|away (?:from|until|on)|on (?:annual |parental |maternity |paternity |sick |medical )?leave\b|on (?:vacation|holidays?|pto)"
    r"|(?:limited|no|without|intermittent) (?:or no )?access to (?:my )?e-?mail|returning (?:on|to)|(?:will|i'll) (?:be back|return)|currently (?:away|travell?ing|unavailable)|not in the office"
    r"|nicht im (?:b[üu]ro|haus)|abwesend|abwesenheit|im urlaub|in elternzeit|au[ßs]er haus|erst wieder|wieder (?:erreichbar|da|im b[üu]ro|zur[üu]ck)|nicht erreichbar"
    r"|absente?\b|en cong[ée]s?|de retour|serai de retour|hors du bureau"
    r"|fuera de (?:la )?oficina|ausente|de vacaciones|de baja|estar[ée] de vuelta|regres"
    r"|fuori (?:ufficio|sede)|assente|in ferie|rientr(?:o|er[òo])"
    r"|afwezig|niet aanwezig|niet op kantoor|op vakantie|met vakantie|terug op"
    r"|fora do escrit[óo]rio|de f[ée]rias|ausente|regresso|retorno",
    re.IGNORECASE,
)
_GONE = re.compile(
    r"no longer (?:with|at|works?|working|employed|part of)|(?:has|have) left (?:the )?(?:company|organi[sz]ation|firm|business|us\b)|left [A-Z]\w+ (?:on|in|to)\b"
    r"|(?:is|am) no longer (?:an? )?(?:employee|active|available at)|(?:this|my) (?:mailbox|e-?mail address|account) is (?:no longer|not) (?:monitored|active|in use|being monitored|used)"
    r"|nicht mehr (?:f[üu]r|bei|im unternehmen|besch[äa]ftigt|t[äa]tig)|(?:hat|habe) (?:das|unser) unternehmen verlassen|ausgeschieden|postfach wird nicht mehr (?:gelesen|genutzt)"
    r"|ne (?:fait|travaille) plus (?:partie|chez|pour)|a quitt[ée] (?:la|notre|l'entreprise)"
    r"|ya no (?:trabaja|forma parte)|ha dejado (?:la|nuestra)|non lavora pi[ùu]|ha lasciato l'azienda|niet (?:langer|meer) werkzaam|n[ãa]o trabalha mais|j[áa] n[ãa]o trabalha",
    re.IGNORECASE,
)
_RETURNS = re.compile(
    r"(?:back|return\w*|in the office again|available again|re-?opens?|reachable again|resume\w*|wieder|zur[üu]ck|erreichbar ab|ab dem|ab|de retour|retour|reprends?|reprendrai|vuelta|regres\w+|vuelvo|volver[ée]"
    r"|rientr\w+|torn(?:o|er[òo])|di nuovo|terug|weer|regresso|volto|retorno|on or after|after)\W+(?:\w+\W+){0,6}?$",
    re.IGNORECASE,
)
_THROUGH = re.compile(
    r"(?:until|till|\btil\b|through|thru|to|up to|including|untill|bis(?: (?:zum|einschlie[ßs]lich|inkl\.?))?|jusqu'?(?:au|à|en)?|au|hasta(?: el)?|al|fino al|tot(?: en met)?|t/m|at[ée](?: (?:ao?|dia|o dia))?|–|-|—)\s*(?:and including\s+|(?:the|dem|den|le|el|il|de)\s+)?(?:\w+,?\s+)?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Absence:
    """Somebody is away. `back_on` is the first day on which they may be written to, None where they name none."""

    back_on: date | None
    is_certain: bool
    phrase: str
    """The words that say it."""


def absence_of(text: str, subject: str, today: date) -> Absence | None:
    """Whether an automatic answer says that somebody is away, and until when. `today` is the day it was written.

    A day of return is taken as it is. A last day away (`until`, `bis einschließlich`) counts as one: back on the next
    working day, unless the text names a day of return too.
    """
    said = f"{subject}\n{text}"
    away = _AWAY.search(said)
    days = [day for day in days_in(text, today) if day.on >= today] or [
        day for day in days_in(subject, today) if day.on >= today
    ]
    of = text if days_in(text, today) else subject
    back = next((day for day in days if _RETURNS.search(of[max(0, day.start - 80) : day.start])), None)
    if back is not None and not _ends_with_last_day(of, back):
        return Absence(back.on, back.is_certain, _around(of, back))
    last = [day for day in days if _THROUGH.search(of[max(0, day.start - 40) : day.start])]
    if last:
        end = max(last, key=lambda day: day.on)
        return Absence(_working_day_after(end.on), end.is_certain, _around(of, end))
    if away is None:
        return None
    return Absence(None, False, said[max(0, away.start() - 30) : away.end() + 60].strip())


def is_gone(text: str, subject: str) -> bool:
    """Whether an automatic answer says that somebody does not work there any more, or the mailbox is not read."""
    return bool(_GONE.search(f"{subject}\n{text}"))


def _ends_with_last_day(text: str, day: Day) -> bool:
    """`back after 12 May`, `nicht vor`, `available until 12 May`: the day itself is still one of absence."""
    before = text[max(0, day.start - 60) : day.start].casefold()
    if re.search(
        r"\b(?:not|nicht|pas|no|non|niet|n[ãa]o) (?:be )?(?:return\w*|(?:be )?back|vor|avant|antes|prima|vóór)\b[^.]*$",
        before,
    ):
        return False
    return bool(
        re.search(
            r"\b(?:after|nach(?: dem)?|après le|until|till|bis(?: zum)?)\s+(?:the\s+|dem\s+)?(?:\w+,?\s+)?$", before
        )
    )


def _working_day_after(last: date) -> date:
    ahead = {4: 3, 5: 2}.get(last.weekday(), 1)
    return last + timedelta(days=ahead)


def _around(text: str, day: Day) -> str:
    return re.sub(r"\s+", " ", text[max(0, day.start - 60) : day.end]).strip()

"""Days as people write them in an answer: `12 August`, `12.08.`, `Aug 12th, 2026`, `2026-08-12`, `next Monday`, `in Q3`.

English, German, French, Spanish, Italian, Dutch and Portuguese. A small grammar of our own: it answers only what is
written, and says where a day could be read in two ways.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

LONGEST_AHEAD = timedelta(days=400)
"""Nobody is away for longer and says until when; a day beyond it was misread."""

_MONTHS = (
    "january jan januar jänner janvier janv enero ene gennaio gen januari janeiro",
    "february feb februar feber février fevrier févr fevr febrero febbraio februari fevereiro fev",
    "march mar märz maerz mrz mars marzo maart mrt março marco",
    "april apr avril avr abril abr aprile",
    "may mai mayo maggio mag mei maio",
    "june jun juni juin junio giugno giu junho",
    "july jul juli juillet juil julio luglio lug julho",
    "august aug août aout agosto ago augustus",
    "september sep sept septembre septiembre settembre set setembro",
    "october oct oktober okt octobre octubre ottobre ott outubro out",
    "november nov novembre noviembre novembro",
    "december dec dezember dez décembre decembre déc diciembre dic dicembre dezembro",
)
_MONTH = {name: number for number, names in enumerate(_MONTHS, start=1) for name in names.split()}
_WEEKDAYS = (
    "monday mon montag lundi lunes lunedì lunedi maandag segunda-feira segunda",
    "tuesday tue tues dienstag mardi martes martedì martedi dinsdag terça-feira terça terca",
    "wednesday wed mittwoch mercredi miércoles miercoles mercoledì mercoledi woensdag quarta-feira quarta",
    "thursday thu thurs donnerstag jeudi jueves giovedì giovedi donderdag quinta-feira quinta",
    "friday fri freitag vendredi viernes venerdì venerdi vrijdag sexta-feira sexta",
    "saturday samstag sonnabend samedi sábado sabado sabato zaterdag",
    "sunday sonntag dimanche domingo domenica zondag",
)
_WEEKDAY = {name: number for number, names in enumerate(_WEEKDAYS) for name in names.split()}


def _either(words: dict[str, int]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_M, _W = _either(_MONTH), _either(_WEEKDAY)
_YEAR = r"(?:,?\s*(?:de\s+|del\s+)?(?P<y>20\d\d|'?\d\d(?![\d.:/])))?"
_PATTERNS = (
    ("words", rf"\b(?P<m>{_M})\.?\s+(?:the\s+)?[0-3]?\d(?:st|nd|rd|th)?\s*(?:-|–|—|to|through|until)\s*(?P<d>[0-3]?\d)(?:st|nd|rd|th)?\b(?![:.]\d){_YEAR}"),
    ("iso", r"\b(?P<y>20\d\d)[-/.](?P<m>0?[1-9]|1[0-2])[-/.](?P<d>[0-2]?\d|3[01])\b"),
    ("words", rf"\b(?P<d>[0-3]?\d)(?:st|nd|rd|th|er|º|ª)?\.?\s*(?:of\s+|de\s+|del\s+)?(?P<m>{_M})\b\.?{_YEAR}"),
    ("words", rf"\b(?P<m>{_M})\.?\s+(?:the\s+)?(?P<d>[0-3]?\d)(?:st|nd|rd|th)?\b(?![:.]\d){_YEAR}"),
    ("dotted", r"(?<![\d.])(?P<d>[0-3]?\d)\.\s?(?P<m>[01]?\d)\.(?:\s?(?P<y>20\d\d|\d\d)\b)?(?!\d)"),
    ("slashed", r"(?<![\d/])(?P<a>[0-3]?\d)[/-](?P<b>[0-3]?\d)(?:[/-](?P<y>20\d\d|\d\d))?(?![\d/])"),
    ("weekday", rf"\b(?P<next>next\s+|nächste[nrm]?\s+|kommende[nrm]?\s+|(?:la\s+)?próximo\s+|prossimo\s+|volgende\s+)?(?P<w>{_W})\b(?P<after>\s+prochain)?"),
    ("tomorrow", r"\b(?P<tomorrow>tomorrow|morgen(?! früh ist)|demain|mañana|domani|amanhã)\b"),
    ("next_week", r"\b(?P<week>next week|nächste[rn]? woche|kommende[rn]? woche|la semaine prochaine|semaine prochaine|la próxima semana|la prossima settimana|volgende week|na próxima semana)\b"),
    ("next_month", r"\b(?P<nextmonth>next month|nächsten monat|kommenden monat|im nächsten monat|le mois prochain|el próximo mes|il mese prossimo|volgende maand)\b"),
    ("next_year", r"\b(?P<nextyear>next year|new year|nächstes jahr|nächsten jahr|neuen jahr|l'année prochaine|el próximo año|l'anno prossimo|volgend jaar)\b"),
    ("quarter", r"\b(?:q(?P<q>[1-4])|(?P<q2>[1-4])(?:st|nd|rd|th|\.)\s+(?:quarter|quartal))\b(?:\s*(?:/\s*)?(?P<y>20\d\d))?"),
    ("in_some", r"\b(?:in|within|after|for another|en|dans|tra|over|em|about|etwa|ca\.)\s+(?:about\s+|another\s+|etwa\s+|ca\.\s+)?(?P<n>\d{1,2}|a|an|one|two|three|four|six|ein(?:em|er)?|zwei|drei|vier|sechs|deux|trois|six|dos|tres|due|tre)\s+(?P<unit>day|week|month|tag|woche|monat|jour|semaine|mois|semana|mes|settiman|mes|week|maand)\w*"),
    ("month", rf"\b(?:in|im|en|à|a|until|bis|end of|ende|mid|mitte|anfang|early|late|around|fin|beginning of|after|nach|by|de)\s+(?P<m>{_M})\b(?!\s*\d{{1,2}}\b){_YEAR}"),
)  # fmt: skip
_FIND = tuple((name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _PATTERNS)
_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "ein": 1, "einem": 1, "einer": 1, "two": 2, "zwei": 2, "deux": 2, "dos": 2, "due": 2,
    "three": 3, "drei": 3, "trois": 3, "tres": 3, "tre": 3, "four": 4, "vier": 4, "six": 6, "sechs": 6,
}  # fmt: skip
_UNITS = {
    "day": 1,
    "tag": 1,
    "jou": 1,
    "wee": 7,
    "woc": 7,
    "sem": 7,
    "set": 7,
    "mon": 30,
    "moi": 30,
    "mes": 30,
    "maa": 30,
}


@dataclass(frozen=True, slots=True)
class Day:
    """A day that a text names. `start` and `end` are places in the text."""

    on: date
    start: int
    end: int
    is_certain: bool
    """False where day and month may be the other way round, or only a week, month or quarter is named."""


def days_in(text: str, today: date) -> list[Day]:
    """Every day that a text names, in order, each place once. `today` is the day it was written: days without a year,
    and weekdays, are the next ones from there. Days more than 400 days away are left out."""
    found: list[Day] = []
    for name, pattern in _FIND:
        for match in pattern.finditer(text):
            if any(match.start() < each.end and each.start < match.end() for each in found):
                continue
            for on, is_certain in _read(name, match, today):
                if today - timedelta(days=60) <= on <= today + LONGEST_AHEAD:
                    found.append(Day(on, _place(match), match.end(), is_certain))
                    break
    return sorted(found, key=lambda day: day.start)


def _place(match: re.Match[str]) -> int:
    """Where the day begins: behind `until` of `until January`, and at the last one of `July 10-31`."""
    named = match.groupdict()
    if named.get("m") and not named.get("d"):
        return match.start("m")
    is_range = (
        named.get("m") and named.get("d") and re.search(r"\d\D{1,12}$", match[0][: match.start("d") - match.start()])
    )
    return match.start("d") if is_range and match.start("m") < match.start("d") else match.start()


def _read(name: str, match: re.Match[str], today: date) -> Iterator[tuple[date, bool]]:
    """What one place may mean, likeliest first."""
    part = match.groupdict()
    year = _year(part.get("y"))
    match name:
        case "iso" | "dotted" | "words":
            month = part["m"].casefold()
            yield from _certain(_day(year, _MONTH.get(month) or int(month), int(part["d"]), today))
        case "slashed":
            yield from _either_way(int(part["a"]), int(part["b"]), year, today)
        case "weekday":
            ahead = (_WEEKDAY[part["w"].casefold()] - today.weekday()) % 7 or 7
            yield today + timedelta(days=ahead), True
        case "tomorrow":
            yield today + timedelta(days=1), True
        case "next_week":
            yield today + timedelta(days=7 - today.weekday()), False
        case "next_month":
            yield (today.replace(day=1) + timedelta(days=32)).replace(day=1), False
        case "next_year":
            yield date(today.year + 1, 1, 2), False
        case "quarter":
            number = int(part["q"] or part["q2"])
            yield from _uncertain(_day(year, 3 * number - 2, 1, today))
        case "in_some":
            said = part["n"].casefold()
            count = int(said) if said.isdigit() else _NUMBERS[said]
            yield today + timedelta(days=count * _UNITS[part["unit"].casefold()[:3]]), False
        case _:
            yield from _uncertain(_day(year, _MONTH[part["m"].casefold()], 1, today))


def _either_way(a: int, b: int, year: int | None, today: date) -> Iterator[tuple[date, bool]]:
    """`03/04`: where both orders are days to come, the later one, for nobody should be written to before they are back."""
    readings = {found for found in (_day(year, b, a, today), _day(year, a, b, today)) if found}
    near = {found for found in readings if today <= found <= today + timedelta(days=120)} or readings
    if near:
        yield max(near), len(near) == 1


def _certain(found: date | None) -> Iterator[tuple[date, bool]]:
    if found:
        yield found, True


def _uncertain(found: date | None) -> Iterator[tuple[date, bool]]:
    if found:
        yield found, False


def _day(year: int | None, month: int, day: int, today: date) -> date | None:
    try:
        found = date(year or today.year, month, day)
        if year is None and found < today - timedelta(days=60):
            found = found.replace(year=today.year + 1)
    except ValueError:
        return None
    return found


def _year(said: str | None) -> int | None:
    if not said:
        return None
    number = int(said.strip("'"))
    return number if number >= 100 else 2000 + number

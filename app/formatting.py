"""Numbers, moments and names as people read them. Pure functions; the present moment is an argument."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from domain.imports.money import minor_digits

STAGE_LABELS = {
    "visitor": "Visitor",
    "lead": "Lead",
    "mql": "MQL",
    "sql": "SQL",
    "opportunity": "Opportunity",
    "customer": "Customer",
    "lost": "Lost",
}
STAGE_COLORS = {
    "visitor": "gray",
    "lead": "blue",
    "mql": "violet",
    "sql": "orange",
    "opportunity": "yellow",
    "customer": "green",
    "lost": "red",
}
COMPANY_LABELS = {"prospect": "Prospect", "open_deal": "Open deal", "customer": "Customer", "lost": "Lost"}
COMPANY_COLORS = {"prospect": "gray", "open_deal": "orange", "customer": "green", "lost": "red"}
BAND_LABELS = {"hot": "Hot", "warm": "Warm", "cool": "Cool", "cold": "Cold", "none": "No score"}
BAND_COLORS = {"hot": "red", "warm": "orange", "cool": "blue", "cold": "gray", "none": "gray"}
MODEL_LABELS = {
    "first_touch": "First touch",
    "last_touch": "Last touch",
    "last_non_direct": "Last non-direct",
    "linear": "Linear",
    "time_decay": "Time decay",
    "u_shaped": "U-shaped",
    "w_shaped": "W-shaped",
    "full_path": "Full path",
    "custom": "Custom",
    "markov": "Markov",
    "shapley": "Shapley",
}
MODEL_NOTES = {
    "first_touch": "all to the first touch.",
    "last_touch": "all to the last touch.",
    "last_non_direct": "all to the last touch that is not Direct.",
    "linear": "the same to every touch.",
    "time_decay": "more to newer touches; half as much for every half-life of age.",
    "u_shaped": "40 % each to the first and the last touch, 20 % to those between.",
    "w_shaped": "30 % each to the first touch and those that made the lead and the opportunity, 10 % to the others.",
    "full_path": "22.5 % each to the first touch, those that made the lead and the opportunity, and the last; 10 % to others.",
    "custom": "shares of your own, from the setting attribution_rules.",
    "markov": "by what would be lost without the channel, in a chain of steps estimated from all journeys.",
    "shapley": "by what the channel adds to the conversion rate of every set of channels it was seen in; may be below zero.",
}
CURRENCIES = (
    "EUR", "USD", "GBP", "CHF", "AUD", "BRL", "CAD", "CNY", "CZK", "DKK", "HKD", "HUF", "ILS", "INR", "JPY", "KRW", "MXN",
    "NOK", "NZD", "PLN", "RON", "SEK", "SGD", "THB", "TRY", "UAH", "ZAR",
)  # fmt: skip
"""Those that a person may choose by hand; the API takes every code of ISO 4217."""
SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}


def parse(moment: str | datetime | None) -> datetime | None:
    """An aware moment from the API's ISO text or the lake's timestamp."""
    if moment is None or moment == "":
        return None
    found = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def ago(moment: str | datetime | None, now: datetime) -> str:
    """`just now`, `4 min ago`, `3 h ago`, `yesterday`, `12 days ago`, or the date beyond a month."""
    then = parse(moment)
    if then is None:
        return "never"
    seconds = (now - then).total_seconds()
    if seconds < 45:
        return "just now"
    if seconds < 3_600:
        return f"{max(1, round(seconds / 60))} min ago"
    if seconds < 86_400:
        return f"{round(seconds / 3_600)} h ago"
    days = round(seconds / 86_400)
    if days == 1:
        return "yesterday"
    return f"{days} days ago" if days <= 31 else f"{then:%-d %b %Y}"


def since(moment: str | datetime | None, now: datetime) -> str:
    """The same in the room of a table cell: `now`, `4m`, `3h`, `12d`."""
    then = parse(moment)
    if then is None:
        return "–"
    minutes = (now - then).total_seconds() / 60
    if minutes < 1:
        return "now"
    if minutes < 60:
        return f"{minutes:.0f}m"
    return f"{minutes / 60:.0f}h" if minutes < 60 * 36 else f"{minutes / 1_440:.0f}d"


def count(value: float | None) -> str:
    """`1,234`, `12.4k`, `3.1M`; a dash where nothing is known."""
    if value is None:
        return "–"
    if abs(value) >= 1_000_000:
        return f"{value / 1_000_000:.1f}M"
    if abs(value) >= 100_000:
        return f"{value / 1_000:.0f}k"
    return f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 100 else f"{value:,.1f}"


def money(minor: float | None, currency: str | None) -> str:
    """Minor units with their currency: `$1,250`, `€12.4k`; a dash where nothing is known."""
    if minor is None:
        return "–"
    code = currency or "USD"
    amount = minor / 10 ** minor_digits(code)
    sign = "-" if amount < 0 else ""
    amount = abs(amount)
    if amount >= 1_000_000:
        text = f"{amount / 1_000_000:.2f}M"
    elif amount >= 10_000:
        text = f"{amount / 1_000:.1f}k"
    else:
        text = f"{amount:,.0f}" if amount >= 100 or amount == 0 else f"{amount:,.2f}"
    symbol = SYMBOLS.get(code)
    return f"{sign}{symbol}{text}" if symbol else f"{sign}{text} {code}"


def change(now: float | None, before: float | None) -> tuple[str | int | None, str]:
    """The delta of a tile and its colour: a percentage of the period before; grey where there is nothing to compare."""
    if now is None or before is None or before == 0:
        return None, "off"
    ratio = now / before - 1
    if abs(ratio) < 0.0005:
        return 0, "off"
    return f"{ratio:+.0%}" if abs(ratio) >= 0.1 else f"{ratio:+.1%}", "normal"


def shortened(text: str, most: int) -> str:
    """At most so many characters, with an ellipsis where some are missing."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def comma_separated(text: str) -> list[str]:
    """What somebody typed as a list: `s1, s2`."""
    return [part.strip() for part in text.split(",") if part.strip()]


def plural(number: int, word: str, words: str | None = None) -> str:
    return f"{number:,} {word if number == 1 else words or word + 's'}"


def value_text(value: Any) -> str:
    """A custom attribute's value as text; a dash for nothing."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 1_000 else f"{value:,.0f}"
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return str(value)


def escaped(text: str) -> str:
    """Text from outside, safe inside Markdown: shown as it is, never as a link, image or colour."""
    for mark in "\\`*_{}[]()#+-!|<>~$:":
        text = text.replace(mark, f"\\{mark}")
    return text.replace("\n", " ")

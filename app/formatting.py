"""Numbers, moments and names as people read them. Pure functions; the present moment is an argument."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from domain.wording import MODEL_LABELS, MODEL_NOTES, SYMBOLS, change, count, money, plural

__all__ = ["MODEL_LABELS", "MODEL_NOTES", "SYMBOLS", "change", "count", "money", "plural"]
"""What pages outside of the screens say in the same words."""

STAGE_COLORS = {
    "visitor": "gray",
    "lead": "blue",
    "mql": "violet",
    "sql": "orange",
    "opportunity": "yellow",
    "customer": "green",
    "lost": "red",
}
SOURCE_WORDS = {
    "form": "Form",
    "identify": "Website",
    "import": "Import",
    "api": "API",
    "history": "History",
    "manual": "By hand",
}
COMPANY_LABELS = {"prospect": "Prospect", "open_deal": "Open deal", "customer": "Customer", "lost": "Lost"}
COMPANY_COLORS = {"prospect": "gray", "open_deal": "orange", "customer": "green", "lost": "red"}
BAND_LABELS = {"hot": "Hot", "warm": "Warm", "cool": "Cool", "cold": "Cold", "none": "No score"}
BAND_COLORS = {"hot": "red", "warm": "orange", "cool": "blue", "cold": "gray", "none": "gray"}
CURRENCIES = (
    "EUR", "USD", "GBP", "CHF", "AUD", "BRL", "CAD", "CNY", "CZK", "DKK", "HKD", "HUF", "ILS", "INR", "JPY", "KRW", "MXN",
    "NOK", "NZD", "PLN", "RON", "SEK", "SGD", "THB", "TRY", "UAH", "ZAR",
)  # fmt: skip
"""Those that a person may choose by hand; the API takes every code of ISO 4217."""


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


def shortened(text: str, most: int) -> str:
    """At most so many characters, with an ellipsis where some are missing."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def comma_separated(text: str) -> list[str]:
    """What somebody typed as a list: `s1, s2`."""
    return [part.strip() for part in text.split(",") if part.strip()]


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

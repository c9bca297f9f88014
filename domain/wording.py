"""Numbers and names as people read them, on every screen and page. Pure functions."""

from __future__ import annotations

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
SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}


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


def plural(number: int, word: str, words: str | None = None) -> str:
    return f"{number:,} {word if number == 1 else words or word + 's'}"

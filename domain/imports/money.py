"""Amounts as people write them, as minor units of a currency (ISO 4217)."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from domain.errors import InvalidInput

_SYMBOLS = {
    "US$": "USD", "NZ$": "NZD", "HK$": "HKD", "R$": "BRL", "A$": "AUD", "C$": "CAD", "S$": "SGD", "$": "USD",
    "€": "EUR", "£": "GBP", "¥": "JPY", "￥": "JPY", "₹": "INR", "₽": "RUB", "₩": "KRW", "₪": "ILS", "₺": "TRY",
    "zł": "PLN", "Kč": "CZK", "฿": "THB", "₫": "VND", "₴": "UAH", "CHF": "CHF", "Fr.": "CHF",
}  # fmt: skip
_NO_MINOR = frozenset(
    (
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    )
)
_THREE_DIGITS = frozenset(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"))
_SCALE = {"k": 1_000, "m": 1_000_000, "mio": 1_000_000, "bn": 1_000_000_000}
_AMOUNT = re.compile(r"^(?P<number>\d[\d.,' \u00a0\u202f’]*)\s*(?P<scale>k|m|mio|bn)?$", re.IGNORECASE)
CURRENCY = re.compile(r"^[A-Z]{3}$")


def minor_digits(currency: str) -> int:
    """How many digits of the currency stand behind the decimal sign: 2 for most, 0 for JPY, 3 for KWD."""
    return 0 if currency in _NO_MINOR else 3 if currency in _THREE_DIGITS else 2


def money_of(value: str, *, currency: str, decimal_sign: str | None = None) -> tuple[int, str]:
    """`€ 1.234,50`, `(1,234.50)`, `$12k` or `1234.5 CHF` as (minor units, currency); raises InvalidInput.

    A currency in the cell wins over `currency`. Without a `decimal_sign`, the last of `.` and `,` decides when two or
    fewer digits (or more than three) follow it.
    """
    text, found = _without_currency(value.strip())
    currency = found or currency
    negative = (text.startswith("(") and text.endswith(")")) or text.startswith(("-", "−")) or text.endswith("-")
    match = _AMOUNT.match(text.strip("()+-− \u00a0"))
    if not match:
        raise InvalidInput(f"{value!r} is not an amount")
    plain = _plain(match["number"], decimal_sign)
    try:
        amount = Decimal(plain) * _SCALE.get((match["scale"] or "").casefold(), 1)
        minor = int((amount * 10 ** minor_digits(currency)).quantize(Decimal(1), ROUND_HALF_EVEN))
    except InvalidOperation as error:
        raise InvalidInput(f"{value!r} is not an amount") from error
    if minor > 9_000_000_000_000_000:
        raise InvalidInput(f"{value!r} is too large for an amount")
    return (-minor if negative else minor), currency


def _without_currency(text: str) -> tuple[str, str | None]:
    for symbol, code in sorted(_SYMBOLS.items(), key=lambda item: -len(item[0])):
        if symbol in text:
            return text.replace(symbol, "", 1).strip(), code
    if match := re.search(r"(?<![A-Za-z])[A-Z]{3}(?![A-Za-z])", text):
        return (text[: match.start()] + text[match.end() :]).strip(), match[0]
    return text, None


def _plain(number: str, decimal_sign: str | None) -> str:
    compact = re.sub(r"[' \u00a0\u202f’]", "", number)
    last = max(compact.rfind("."), compact.rfind(","))
    if decimal_sign is None and last >= 0:
        sign, other = compact[last], "," if compact[last] == "." else "."
        after = len(compact) - last - 1
        is_decimal = compact.count(sign) == 1 and (after != 3 or other in compact)
        decimal_sign = sign if is_decimal else other
    if decimal_sign == ",":
        return compact.replace(".", "").replace(",", ".")
    return compact.replace(",", "")

"""How a line of an advertising report becomes spend: our own columns, and exports of Google, Meta and LinkedIn ads."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from domain.errors import InvalidInput
from domain.events import Channel
from domain.ids import content_id
from domain.imports.money import CURRENCY, minor_digits, money_of
from ingest.base import Expectation, FileContext, Record, RowRule
from ingest.cells import FORMATS, cell, moment, required, text, whole

DAY = ("spend_on", "day", "date", "start date (in utc)", "start date", "reporting starts")
AMOUNT = ("amount", "cost", "spend", "total spent", "amount spent")
CLICKS = ("click_count", "clicks", "link clicks", "clicks (all)")
IMPRESSIONS = ("impression_count", "impressions", "impr.")
CAMPAIGN = ("campaign", "campaign name")
SPENT_IN = re.compile(r"^amount spent \((?P<currency>[a-z]{3})\)$")


@dataclass(frozen=True, slots=True)
class Platform:
    """What a platform's export leaves unsaid."""

    source: str
    medium: str
    channel: Channel


GOOGLE = Platform("google", "cpc", Channel.PAID_SEARCH)
META = Platform("facebook", "paid-social", Channel.PAID_SOCIAL)
LINKEDIN = Platform("linkedin", "paid-social", Channel.PAID_SOCIAL)
GOOGLE_TYPES = {
    "search": Channel.PAID_SEARCH,
    "display": Channel.DISPLAY,
    "video": Channel.PAID_VIDEO,
    "shopping": Channel.PAID_SHOPPING,
    "performance max": Channel.CROSS_NETWORK,
    "demand gen": Channel.CROSS_NETWORK,
}


def parse(record: Record, context: FileContext) -> Iterator[Mapping[str, Any]]:
    """One row, or none for a line of totals. The id is of day, channel, source, medium and campaign: a newer file that
    speaks of them replaces what an older one said."""
    if _is_total(record):
        return
    platform, formats = _platform(record), record.get(FORMATS, {})
    on = moment(required(record, *DAY), str(formats.get("date", "ymd"))).date()
    amount_minor, currency = _money(record, context, str(formats.get("number", "")) or None)
    source = text(record, "source") or (platform.source if platform else None)
    medium = text(record, "medium") or (platform.medium if platform else None)
    channel = text(record, "channel") or context.facts.get("channel") or _channel(record, platform)
    campaign = text(record, *CAMPAIGN)
    named = (str(on), channel or "", source or "", medium or "", campaign or "")
    number_sign = str(formats.get("number") or ".")
    yield {
        "spend_id": content_id(context.organization_id, *named),
        "spend_on": on,
        "channel": channel,
        "source": source,
        "medium": medium,
        "campaign": campaign,
        "amount_minor": amount_minor,
        "currency": currency,
        "click_count": whole(cell(record, *CLICKS), number_sign),
        "impression_count": whole(cell(record, *IMPRESSIONS), number_sign),
    }


def _is_total(record: Record) -> bool:
    """Google closes a report with lines like `Total: Account`, and no day in them."""
    first = next((str(value).strip().casefold() for value in record.values() if str(value).strip()), "")
    return first.startswith(("total", "gesamt", "summe")) and not _has_day(record)


def _has_day(record: Record) -> bool:
    found = cell(record, *DAY)
    return found is not None and any(character.isdigit() for character in str(found))


def _platform(record: Record) -> Platform | None:
    """Known by columns that only its export has."""
    names = {str(name).casefold().strip() for name in record}
    if "impr." in names or "currency code" in names:
        return GOOGLE
    if "reporting starts" in names or any(SPENT_IN.match(name) for name in names):
        return META
    if "total spent" in names or "start date (in utc)" in names:
        return LINKEDIN
    return None


def _channel(record: Record, platform: Platform | None) -> str | None:
    kind = str(cell(record, "campaign type") or "").casefold()
    return GOOGLE_TYPES.get(kind, platform.channel) if platform else None


def _money(record: Record, context: FileContext, decimal_sign: str | None) -> tuple[int, str]:
    """Minor units and currency: of the cell, else a column, else the header, else what the caller said."""
    said = text(record, "currency", "currency code", "account currency") or context.facts.get("currency")
    in_header = {match["currency"].upper(): value for match, value in _spent_columns(record)}
    currency = (said or next(iter(in_header), "")).upper()
    minor = cell(record, "amount_minor", "cost_minor")
    if minor is not None:
        return _whole_minor(minor), _checked(currency)
    value = cell(record, *AMOUNT)
    value = next(iter(in_header.values()), None) if value is None else value
    if value is None:
        raise InvalidInput("no amount")
    if isinstance(value, int | float):
        return round(value * 10 ** minor_digits(_checked(currency))), currency
    amount, found = money_of(str(value), currency=currency or "???", decimal_sign=decimal_sign)
    return amount, _checked(found)


def _spent_columns(record: Record) -> Iterator[tuple[re.Match[str], Any]]:
    for name, value in record.items():
        if match := SPENT_IN.match(str(name).casefold().strip()):
            yield match, value


def _whole_minor(value: Any) -> int:
    found = whole(value)
    if found is None:
        raise InvalidInput("no amount")
    return found


def _checked(currency: str) -> str:
    if not CURRENCY.match(currency):
        raise InvalidInput("the currency is not given: name it in a column, in the amounts, or when landing the file")
    return currency


COMBINE = """
select
    organization_id,
    spend_id,
    min(spend_on) as spend_on,
    min(channel) as channel,
    min(source) as source,
    min(medium) as medium,
    min(campaign) as campaign,
    cast(sum(amount_minor) as bigint) as amount_minor,
    currency,
    cast(sum(click_count) as bigint) as click_count,
    cast(sum(impression_count) as bigint) as impression_count
from passed
group by organization_id, spend_id, currency
"""
"""Lines of one file about the same day and campaign are parts of it (ad groups, devices) and add up."""

RULES = (
    RowRule("has_a_channel", "channel <> ''", "no channel: name one in a column or when landing the file"),
    RowRule("not_negative", "amount_minor >= 0", "a negative amount: credits belong into the day they correct"),
    RowRule(
        "counts_are_counts", "coalesce(click_count, 0) >= 0 and coalesce(impression_count, 0) >= 0", "a negative count"
    ),
    RowRule(
        "plausible_day",
        "spend_on between date '2000-01-01' and cast(_loading_at as date) + 1",
        "the day is before 2000 or in the future",
    ),
)

SUITE = (
    Expectation("a day and campaign comes once", "ExpectColumnValuesToBeUnique", {"column": "spend_id"}),
    Expectation("every amount is given", "ExpectColumnValuesToNotBeNull", {"column": "amount_minor"}),
    Expectation(
        "currencies are ISO 4217 codes", "ExpectColumnValuesToMatchRegex", {"column": "currency", "regex": "^[A-Z]{3}$"}
    ),
    Expectation(
        "clicks do not outnumber impressions",
        "ExpectColumnPairValuesAToBeGreaterThanB",
        {
            "column_A": "impression_count",
            "column_B": "click_count",
            "or_equal": True,
            "ignore_row_if": "either_value_is_missing",
        },
        is_error=False,
    ),
)

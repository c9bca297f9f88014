"""What may still be won, in words and rows. Pure functions over what /v1/forecast answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from app.api_transport import Json
from app.formatting import money, plural
from app.pipeline_words import COUNTS_AS
from domain.forecasting.coverage import FEWEST_SPANS, CoverageVerdict
from domain.forecasting.periods import Part, Period
from domain.forecasting.quantiles import PROMISES
from domain.forecasting.waterfall import Cause

PERIODS = {
    Period.THIS_QUARTER: "This quarter",
    Period.NEXT_QUARTER: "Next quarter",
    Period.TWELVE_MONTHS: "12 months",
}
PARTS = {Part.WON: "Won already", Part.OPEN: "Open deals", Part.NEW: "Deals to come"}
CAUSES = {
    Cause.CREATED: "New deals",
    Cause.REOPENED: "Opened again",
    Cause.ADVANCED: "Moved ahead",
    Cause.SLIPPED: "Fell back or aged",
    Cause.REPRICED: "New price",
    Cause.WON: "Won",
    Cause.LOST: "Lost",
    Cause.REMOVED: "Deleted",
}
LACKS = {
    "closed": "{has} of {needs} deals that were won or lost",
    "won": "{has} of {needs} won deals with an amount",
    "weeks": "{has} of {needs} weeks of history",
}
VERDICTS = {
    CoverageVerdict.CANNOT_KNOW_YET: ("Cannot know yet", "gray"),
    CoverageVerdict.AS_PROMISED: ("As promised", "green"),
    CoverageVerdict.TOO_NARROW: ("Too narrow", "red"),
}
HOW = (
    "Every week of every deal since two years is looked at: did it stay in its stage, move to another one, was it won, or "
    "lost? That gives a chance for each stage, for each pipeline with enough history, and for how long a deal has been there; where few deals were, "
    "the chances of all of them count. New deals come as often as in the last 26 weeks. 1000 futures are drawn from that. "
    "They differ in what the history leaves open and in luck that all deals of a quarter share, as large as quarters of the "
    "past differed. The numbers are read off those futures; nothing of what people expect of a deal enters."
)


def day_words(day: str | date) -> str:
    """`8 Feb 2026`."""
    found = date.fromisoformat(day) if isinstance(day, str) else day
    return f"{found.day} {found:%b %Y}"


def span_words(period: Mapping[str, str]) -> str:
    """`Jan to Mar 2026`; the year on both sides where it changes."""
    first, last = date.fromisoformat(period["starts_on"]), date.fromisoformat(period["ends_on"])
    begins = f"{first:%b}" if first.year == last.year else f"{first:%b %Y}"
    return f"{begins} to {last:%b %Y}"


def lacking(missing: Sequence[Json]) -> str:
    """What is missing, as the rest of a sentence."""
    return ", ".join(LACKS[one["what"]].format(**one) for one in missing)


SHORT = {"commit": "reached in 4 of 5 futures", "best": "exceeded in 1 of 10", "worst": "missed in 1 of 20"}


def interval_words(estimate: Json, level: int, currency: str) -> str:
    low, high = (money(estimate[f"{end}_{level}_minor"], currency) for end in ("low", "high"))
    return f"{low} to {high}"


def definition(name: str, estimate: Json, currency: str) -> str:
    """What a number promises, with the intervals around what is expected."""
    if name == "expected":
        return (
            "The mean of all futures. With 80 % it comes to "
            f"{interval_words(estimate, 80, currency)}, with 95 % to {interval_words(estimate, 95, currency)}."
        )
    return PROMISES[name]


def slippage_words(found: Json) -> str:
    """What the days that people say are worth; empty where none was said."""
    said = []
    if found["won_count"]:
        said.append(
            f"{found['late_count']} of {plural(found['won_count'], 'won deal')} came later than people first said"
        )
        if found["median_days"] is not None:
            days = found["median_days"]
            said[-1] += f", the middle one {plural(abs(days), 'day')} {'after' if days >= 0 else 'before'}"
    if found["overdue_count"]:
        said.append(f"{plural(found['overdue_count'], 'open deal')} past the day that people say")
    return ". ".join(said) + "." if said else ""


def coverage_words(found: Json) -> str:
    """One line of the back-test, for people who never heard of coverage."""
    count, held = found["forecast_count"], found["held_count"]
    if not count:
        return "No such period is over yet."
    said = f"{held} of {plural(count, 'forecast')} held what was really won ({held / count:.0%})"
    if found["verdict"] == CoverageVerdict.CANNOT_KNOW_YET:
        return f"{said}. They speak of {plural(found['span_count'], 'separate period')}; {FEWEST_SPANS} are needed to judge."
    return f"{said}; in the long run {found['low']:.0%} to {found['high']:.0%} would."


def coverage_table(rows: Iterable[Json]) -> str:
    """The back-test as a table in Markdown, whose sentences wrap."""
    lines = ["| Period | Interval | Verdict | What was found |", "|---|---|---|---|"]
    for one in rows:
        verdict, color = VERDICTS[one["verdict"]]
        period = PERIODS[one["period"]].replace(" ", "\N{NO-BREAK SPACE}")
        lines.append(f"| {period} | {one['level']:.0%} | :{color}-badge[{verdict}] | {coverage_words(one)} |")
    return "\n".join(lines)


def evolution(past: Iterable[Json], period: Json) -> list[Json]:
    """What was forecast of this very quarter, week by week; of twelve months, what was forecast of those ahead each time."""
    if period["period"] == Period.TWELVE_MONTHS:
        return [one for one in past if one["period"] == Period.TWELVE_MONTHS and one["as_of_on"] < period["starts_on"]]
    span = (period["starts_on"], period["ends_on"])
    quarters = {Period.THIS_QUARTER, Period.NEXT_QUARTER}
    return [one for one in past if (one["starts_on"], one["ends_on"]) == span and one["period"] in quarters]


def deal_rows(
    deals: Iterable[Json], period: str, owners: Mapping[str, str], pipelines: Mapping[str, str], currency: str
) -> list[Json]:
    """A line a deal; `weighted` in minor units is what it adds to the expectation of open deals, near enough."""
    return [
        {
            "deal_id": deal["deal_id"],
            "name": deal["name"] or "No longer here",
            "owner": owners.get(deal["owner_user_id"] or "", "Nobody"),
            "pipeline": pipelines.get(deal["pipeline"], deal["pipeline"]),
            "stage": COUNTS_AS.get(deal["stage"], deal["stage"]),
            "weeks": deal["weeks_in_stage"],
            "amount_minor": deal["amount_minor"],
            "amount": money(deal["amount_minor"], currency),
            "chance": deal[period],
            "weighted": (deal["amount_minor"] or 0) * deal[period],
            "won_by": deal["won_by_on"],
            "expected": deal["expected_close_on"],
        }
        for deal in deals
    ]


def grouped(rows: Iterable[Json], by: str) -> list[Json]:
    """Sums by pipeline, owner or stage, the heaviest first."""
    sums: dict[str, Json] = {}
    for row in rows:
        one = sums.setdefault(row[by], {"name": row[by], "count": 0, "amount_minor": 0, "weighted": 0.0})
        one["count"] += 1
        one["amount_minor"] += row["amount_minor"] or 0
        one["weighted"] += row["weighted"]
    return sorted(sums.values(), key=lambda one: (-one["weighted"], one["name"]))

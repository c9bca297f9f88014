"""What each kind of report shows, from the marts that the pages read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from domain.reports import definitions
from domain.reports.definitions import Definition
from domain.reports.filters import TITLES, Frozen, ReportKind
from domain.reports.pieces import Bar, Bars, Figure, Line, Lines, Piece, Report, Table
from domain.return_words import channel_rows
from domain.scorecard import Month, Plan, first_month, months_of, read_month
from domain.scorecard_words import TITLES as MEASURES
from domain.scorecard_words import VERDICTS, line_definition, month_label, value_words
from domain.wording import MODEL_LABELS, MODEL_NOTES, change, count, money
from serving.marts import Marts, Row

DAILY = """
    select day_on, lead_count, mql_count, customer_count, form_submission_count
    from lake.marts.leads_daily where organization_id = ? and day_on > ? order by day_on
"""
VISITS = """
    select day_on, sum(session_count)::bigint as session_count
    from lake.marts.channels_daily where organization_id = ? and day_on > ? group by day_on order by day_on
"""
WON = """
    select converted_at::date as day_on, sum(value_minor)::bigint as value_minor, currency
    from lake.marts.conversions where organization_id = ? and kind = 'customer' and converted_at::date > ?
    group by 1, currency order by 1, currency
"""
CHANNELS = """
    select channel, sum(session_count)::bigint as session_count, sum(lead_count)::bigint as lead_count,
        sum(cost_minor)::double as cost_minor, any_value(currency) as currency
    from lake.marts.channels_daily where organization_id = ? and day_on > ?
    group by channel order by lead_count desc, session_count desc, channel limit 12
"""
STAGES = """
    select stage, contact_count, from_previous_rate, median_days_from_previous
    from lake.marts.funnel_stages where organization_id = ? order by stage_order
"""
COHORTS = """
    select cohort_on, stage, person_count, reached_rate
    from lake.marts.funnel_cohorts where organization_id = ? and cohort_on > ? and stage_order > 0
    order by cohort_on desc, stage_order
"""
CREDITS = """
    select performance.channel, performance.conversion_count::double as conversion_count,
        performance.credited_value_minor::double as credited_value_minor, performance.cost_minor::double as cost_minor,
        performance.currency, performance.session_count
    from lake.marts.channel_performance as performance
    where organization_id = ? and conversion_kind = ? and attribution_level = ? and model = ?
    order by conversion_count desc, channel
"""
INTERVALS = """
    select channel, conversion_count_low as low, conversion_count_high as high from lake.ml.attribution__intervals
    where organization_id = ? and conversion_kind = ? and attribution_level = ? and model = ?
"""
MONTHS = """
    select month_on, currency, lead_count, contacted_count, responded_count, meeting_count, timed_count,
        median_minutes_to_contact, sent_count, delivered_count, cost_minor
    from lake.marts.scorecard_monthly where organization_id = ? order by month_on desc limit 60
"""
RETURNS = """
    select channel, any_value(currency) as currency, coalesce(sum(cost_minor), 0)::double as cost_minor,
        sum(lead_count)::double as lead_count, sum(mql_count)::double as mql_count,
        sum(opportunity_count)::double as opportunity_count, sum(customer_count)::double as customer_count,
        sum(revenue_minor)::double as revenue_minor
    from lake.marts.channel_roi_monthly
    where organization_id = ? and model = ? and month_on > ?::date - to_months(?::integer)
    group by channel order by cost_minor desc, revenue_minor desc, channel
"""
AGES = """
    select channel, age_months, sum(recurring_minor)::double as recurring_minor, sum(one_off_minor)::double as one_off_minor
    from lake.marts.channel_revenue_by_age
    where organization_id = ? and model = ? and won_month_on > ?::date - to_months(?::integer)
    group by channel, age_months
"""
ROI_COLUMNS = (
    "Channel", "Cost", "Leads", "CPL", "Per opp.", "Won", "CAC", "CAC 95 %", "LTV so far", "LTV : CAC", "Payback",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """Whose report, of which day, and what it is held against."""

    marts: Marts
    frozen: Frozen
    today: date
    currency: str
    plan: Plan
    stages: Mapping[str, str]
    """What the organization calls the stages of its people."""


def report_of(reading: Reading) -> Report:
    """The report as it is now; without pieces where nothing was built yet."""
    figures, pieces = _CONTENTS[reading.frozen.kind](reading)
    frozen = reading.frozen
    return Report(
        TITLES[frozen.kind], frozen.worded(reading.stages), reading.marts.built_at(), tuple(figures), tuple(pieces)
    )


Contents = tuple[Sequence[Figure], Sequence[Piece]]


def _overview(reading: Reading) -> Contents:
    days, today = reading.frozen.days, reading.today
    long_ago, begin = today - timedelta(days=2 * days), today - timedelta(days=days)
    daily = reading.marts.ask(DAILY, long_ago)
    visits = reading.marts.ask(VISITS, long_ago)
    if not daily and not visits:
        return (), ()
    figures = [
        _by_day(definitions.LEADS, daily, "lead_count", begin, days),
        _by_day(definitions.MQLS, daily, "mql_count", begin, days),
        _by_day(definitions.SESSIONS, visits, "session_count", begin, days),
        _by_day(definitions.CUSTOMERS, daily, "customer_count", begin, days),
        _won(reading.marts.ask(WON, begin), reading.currency, days),
    ]
    recent = {row["day_on"]: row for row in daily if row["day_on"] > begin}
    line = [begin + timedelta(days=number + 1) for number in range(days)]
    shown = {"Leads": "lead_count", "MQLs": "mql_count", "Form submissions": "form_submission_count"}
    lines = [
        Line(name, tuple(float(recent[day][column]) if day in recent else 0.0 for day in line))
        for name, column in shown.items()
    ]
    trend = Lines(
        "Leads by day", definitions.TREND, tuple(f"{day:%-d %b}" for day in line),
        tuple(one for one in lines if one.name == "Leads" or any(one.values)),
    )  # fmt: skip
    channels = reading.marts.ask(CHANNELS, begin)
    table = Table(
        "Channels", "Visits, new leads and spend of the period; a lead counts for the channel of its last touch.",
        ("Channel", "Sessions", "Leads", "Spend"),
        tuple(
            (row["channel"], count(row["session_count"]), count(row["lead_count"]),
             money(row["cost_minor"] or None, row["currency"] or reading.currency))
            for row in channels
        ),
    )  # fmt: skip
    return figures, [trend, *([table] if channels else [])]


def _by_day(meant: Definition, rows: Sequence[Row], column: str, begin: date, days: int) -> Figure:
    now = sum(row[column] or 0 for row in rows if row["day_on"] > begin)
    before = sum(row[column] or 0 for row in rows if row["day_on"] <= begin)
    moved, _ = change(now, before)
    return Figure(
        meant.title, count(now), meant.of(days),
        f"{moved} against the {days} days before" if moved is not None else "",
        tuple(float(row[column] or 0) for row in rows if row["day_on"] > begin),
    )  # fmt: skip


def _won(rows: Sequence[Row], currency: str, days: int) -> Figure:
    """In the organization's currency where something was won in it, else in the one of the largest sum; never added up."""
    sums: dict[str, int] = {}
    for row in rows:
        if row["currency"] and row["value_minor"]:
            sums[row["currency"]] = sums.get(row["currency"], 0) + row["value_minor"]
    shown = currency if currency in sums or not sums else max(sums, key=lambda code: sums[code])
    others = [money(sums[code], code) for code in sorted(sums) if code != shown]
    also = f"also won, not added up: {', '.join(others)}" if others else ""
    return Figure(definitions.WON.title, money(sums.get(shown, 0), shown), definitions.WON.of(days), also)


def _funnel(reading: Reading) -> Contents:
    stages = reading.marts.ask(STAGES)
    if not any(row["contact_count"] for row in stages):
        return (), ()
    bars = Bars(
        "From stage to stage", definitions.FUNNEL,
        tuple(Bar(_stage(row, reading.stages), float(row["contact_count"]), _reached(row)) for row in stages),
    )  # fmt: skip
    table = Table(
        "Steps", "Median days: from the stage before, of those who were seen in both.",
        ("Stage", "People", "Of the stage before", "Median days"),
        tuple(
            (_stage(row, reading.stages), count(row["contact_count"]), _share(row["from_previous_rate"]),
             "–" if row["median_days_from_previous"] is None else f"{row['median_days_from_previous']:.1f}")
            for row in stages
        ),
    )  # fmt: skip
    cohorts = _cohorts(reading.marts.ask(COHORTS, reading.today - timedelta(days=365)), reading.stages)
    return (), [bars, table, *([cohorts] if cohorts.rows else [])]


def _cohorts(rows: Sequence[Row], stages: Mapping[str, str]) -> Table:
    names = list(dict.fromkeys(row["stage"] for row in rows))
    shown = []
    for month_on, of_month in groupby(rows, key=lambda row: row["cohort_on"]):
        cells = list(of_month)
        rates = {row["stage"]: row["reached_rate"] for row in cells}
        people = count(cells[0]["person_count"])
        shown.append((month_label(month_on), people, *(_share(rates.get(name)) for name in names)))
    return Table(
        "By the month people were first seen in",
        "Share of the month's people who came that far by now; young months are not done yet.",
        ("Month", "People", *(stages.get(name, name) for name in names)), tuple(shown),
    )  # fmt: skip


def _attribution(reading: Reading) -> Contents:
    frozen = reading.frozen
    chosen = (frozen.conversion, frozen.level, frozen.model)
    rows = [row for row in reading.marts.ask(CREDITS, *chosen) if _is_something(row)]
    total = sum(row["conversion_count"] or 0.0 for row in rows)
    if not rows or abs(total) < 1e-9:
        return (), ()
    currency = next((row["currency"] for row in rows if row["currency"]), reading.currency)
    ends = {row["channel"]: f"{row['low']:.1f} to {row['high']:.1f}" for row in reading.marts.ask(INTERVALS, *chosen)}
    rule = f"{definitions.CREDIT} {MODEL_LABELS[frozen.model]}: {MODEL_NOTES[frozen.model]}"
    what = reading.stages[frozen.conversion] + "s"
    value = sum(row["credited_value_minor"] or 0.0 for row in rows)
    spend = sum(row["cost_minor"] or 0.0 for row in rows)
    figures = [
        Figure(what, count(round(total, 1)), "All conversions of this kind, also those that no touch came before."),
        Figure("Value", money(value or None, currency), "What they are worth: the amounts of their deals."),
        Figure("Spend", money(spend or None, currency), "All spend that was imported, whatever it brought."),
    ]
    bars = Bars(
        f"{what} by channel", rule,
        tuple(Bar(row["channel"], row["conversion_count"], count(round(row["conversion_count"], 1))) for row in rows[:12]
              if row["conversion_count"] > 0),
    )  # fmt: skip
    table = Table(
        "Credit and cost",
        f"{rule} 95 %: what the channel would earn if as many journeys were drawn anew.",
        ("Channel", what, "95 %", "Value", "Spend", "Spend each", "Sessions"),
        tuple(
            (row["channel"], count(round(row["conversion_count"], 1)), ends.get(row["channel"], "–"),
             money(row["credited_value_minor"] or None, currency), money(row["cost_minor"] or None, currency),
             _each(row["cost_minor"], row["conversion_count"], currency), count(row["session_count"]))
            for row in rows
        ),
    )  # fmt: skip
    return figures, [bars, table]


def _roi(reading: Reading) -> Contents:
    frozen, today = reading.frozen, reading.today
    months = months_of(reading.marts.ask(MONTHS))
    chosen = (frozen.model, today, frozen.months)
    returns = reading.marts.ask(RETURNS, *chosen)
    pieces: list[Piece] = []
    if len(months) > 1:
        pieces.append(_months(months[:12], reading))
    if returns:
        currency = next((row["currency"] for row in returns if row["currency"]), reading.currency)
        rows = channel_rows(returns, reading.marts.ask(AGES, *chosen), ["channel"], currency)
        cells = tuple(tuple(_cell(row[name]) for name in ROI_COLUMNS) for row in rows)
        pieces.append(Table("Cost and return by channel", definitions.RETURN, ROI_COLUMNS, cells))
    return _scorecard(months, reading), pieces


def _scorecard(months: Sequence[Month], reading: Reading) -> list[Figure]:
    """The newest month that is over, else the running one."""
    if not months:
        return []
    running = reading.today.replace(day=1)
    month = next((one for one in months if one.month_on < running), months[0])
    plan = reading.plan
    targets = plan.of_month(month.month_on, first_month(months) or month.month_on)
    return [
        Figure(
            f"{MEASURES[line.measure]}, {month_label(month.month_on)}",
            value_words(line.measure, line.value, month.currency),
            line_definition(line, month.currency),
            f"{VERDICTS[line.verdict][0]}, target {value_words(line.measure, line.target, plan.currency)}",
        )
        for line in read_month(month, targets, plan.currency)
    ]


def _months(months: Sequence[Month], reading: Reading) -> Table:
    first = first_month(months) or months[0].month_on
    rows = []
    for month in months:
        lines = read_month(month, reading.plan.of_month(month.month_on, first), reading.plan.currency)
        label = month_label(month.month_on) + (" (running)" if month.month_on == reading.today.replace(day=1) else "")
        rows.append((label, *(value_words(line.measure, line.value, month.currency) for line in lines)))
    return Table("Month by month", "The same measures of every month.", ("Month", *MEASURES.values()), tuple(rows))


def _stage(row: Row, stages: Mapping[str, str]) -> str:
    return stages.get(row["stage"], str(row["stage"]).capitalize())


def _reached(row: Row) -> str:
    rate = row["from_previous_rate"]
    return f"{row['contact_count']:,}" + (f" · {_share(rate)}" if rate is not None else "")


def _share(rate: float | None) -> str:
    """One digit more where hardly anybody went on."""
    if rate is None:
        return "–"
    return f"{rate:.1%}" if 0 < rate < 0.1 else f"{rate:.0%}"


def _each(cost: float | None, number: float, currency: str) -> str:
    return money(cost / number if cost and number > 1e-9 else None, currency)


def _is_something(row: Row) -> bool:
    return any(row[name] for name in ("conversion_count", "cost_minor", "session_count"))


def _cell(value: object) -> str:
    return f"{value:,.1f}".removesuffix(".0") if isinstance(value, float) else str(value)


_CONTENTS: Mapping[ReportKind, Callable[[Reading], Contents]] = {
    ReportKind.OVERVIEW: _overview,
    ReportKind.FUNNEL: _funnel,
    ReportKind.ATTRIBUTION: _attribution,
    ReportKind.ROI: _roi,
}

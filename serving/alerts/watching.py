"""Judges alert rules by the marts: writes down what came of each, and tells whoever owns one that fires."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from domain.alerts import (
    MONEY,
    SETTING,
    SHARES,
    TITLES,
    WINDOWS,
    AlertRule,
    Judgement,
    Metric,
    Outcome,
    Window,
    judge,
    parse_rules,
)
from domain.decisions import DecisionKind
from domain.webhook_events import WebhookEvent
from domain.wording import count, money
from serving.marts import Marts
from serving.webhook_endpoints.publishing import publish
from storage.lake import Lake
from storage.ops.repositories.base import Repository
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.members import members_of
from storage.ops.repositories.notifications import Notifications
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.repositories.organizations import Organizations
from storage.ops.store import Work

SUBJECT = "alert_rule"
FIRED, HELD_BACK = "fired", "held_back"
_SOURCES = {
    Metric.LEADS: ("leads_daily", "lead_count", "0"),
    Metric.MQLS: ("leads_daily", "mql_count", "0"),
    Metric.CUSTOMERS: ("leads_daily", "customer_count", "0"),
    Metric.FORM_SUBMISSIONS: ("leads_daily", "form_submission_count", "0"),
    Metric.SESSIONS: ("channels_daily", "session_count", "0"),
    Metric.REPLY_RATE: ("deliverability_daily", "reply_count", "sent_count"),
    Metric.BOUNCE_RATE: ("deliverability_daily", "bounced_count", "sent_count"),
    Metric.SPEND: ("channels_daily", "cost_minor", "0"),
    Metric.COST_PER_LEAD: ("channels_daily", "cost_minor", "lead_count"),
}
"""The mart of days, what is counted, and of what it is a share or a cost."""
BY_DAY = """
    select day_on, sum({part})::double as part, sum({whole})::double as whole
    from lake.marts.{mart} where organization_id = ? and day_on < ?::date group by day_on order by day_on
"""


def windows_of(marts: Marts, rule: AlertRule, today: date) -> list[Window]:
    """The newest first, back to the first day that the mart knows; none of a mart without rows."""
    mart, part, whole = _SOURCES[rule.metric]
    rows = marts.ask(BY_DAY.format(mart=mart, part=part, whole=whole), today)
    if not rows:
        return []
    first = rows[0]["day_on"]
    found: list[Window] = []
    for number in range(WINDOWS + 1):
        begin = today - timedelta(days=rule.days * (number + 1))
        if begin < first and found:
            break
        end = begin + timedelta(days=rule.days)
        inside = [row for row in rows if begin <= row["day_on"] < end]
        found.append(Window(sum(row["part"] or 0.0 for row in inside), sum(row["whole"] or 0.0 for row in inside)))
    return found


def rules_of(work: Work) -> tuple[AlertRule, ...]:
    held = OrganizationSettings(work).current(SETTING)
    return parse_rules(held.value) if held else ()


def judged(work: Work, lake: Lake, rules: Sequence[AlertRule]) -> list[tuple[AlertRule, Judgement]]:
    """What each would say now; nothing is written and nobody told."""
    organization_id = Repository(work).target()
    today, marts = Organizations(work).today(organization_id), Marts(lake, organization_id)
    return [(rule, judge(rule, windows_of(marts, rule, today))) for rule in rules]


def watch(work: Work, found: Sequence[tuple[AlertRule, Judgement]]) -> int:
    """Writes each judgement into the ledger, and tells of those that fire, each at most once in its cooldown; answers how
    many were told of."""
    told = 0
    for rule, judgement in found:
        if judgement.outcome is not Outcome.FIRES:
            _note(work, rule, judgement.outcome, judgement)
            continue
        if _is_cooling(work, rule):
            _note(work, rule, HELD_BACK, judgement)
            continue
        _note(work, rule, FIRED, judgement, is_act=True)
        _tell(work, rule, judgement)
        told += 1
    return told


def words_of(rule: AlertRule, judgement: Judgement, currency: str) -> str:
    """`Leads of 7 days: 12, usual 41`."""
    detail = judgement.detail
    shown = [_shown(rule, detail.get("value"), currency)]
    if detail.get("threshold") is not None:
        shown.append(f"line {_shown(rule, detail['threshold'], currency)}")
    if detail.get("usual") is not None:
        shown.append(f"usual {_shown(rule, detail['usual'], currency)}")
    return f"{TITLES[rule.metric]} of {rule.days} days: {', '.join(shown)}"


def _shown(rule: AlertRule, value: float | None, currency: str) -> str:
    if value is None:
        return "–"
    if rule.metric in SHARES:
        return f"{value:.1%}"
    return money(value, currency) if rule.metric in MONEY else count(value)


def _is_cooling(work: Work, rule: AlertRule) -> bool:
    """Whether it was told of so lately that it is not told of again."""
    since = work.now() - rule.cooldown
    return any(
        one.kind == DecisionKind.ALERT and one.outcome == FIRED and one.decided_at > since
        for one in Decisions(work).about(SUBJECT, rule.key)
    )


def _note(work: Work, rule: AlertRule, outcome: str, judgement: Judgement, *, is_act: bool = False) -> None:
    detail = {"rule": rule.name, "metric": rule.metric.value, **judgement.detail}
    Decisions(work).record(DecisionKind.ALERT, SUBJECT, rule.key, outcome, judgement.reason, detail, is_act=is_act)


def _tell(work: Work, rule: AlertRule, judgement: Judgement) -> None:
    organization = Organizations(work).get(work.scope.organization_id)  # type: ignore[union-attr]
    words = words_of(rule, judgement, organization.currency)
    if any(member.user_id == rule.owner_user_id for member in members_of(work.store, organization.organization_id)):
        Notifications(work).add(rule.owner_user_id, "alert", rule.name, body=words, link="/app/overview")
    publish(
        work, WebhookEvent.ALERT_FIRED,
        {"rule": rule.key, "metric": rule.metric.value, "reason": judgement.reason, **judgement.detail},
    )  # fmt: skip

"""Sessions, their time, and what is not a person."""

from __future__ import annotations

from datetime import date

import pytest

from tests.dbt_project.session_tables import CASES, SPLIT, UNSPLIT
from tests.dbt_project.stories import ARRIVALS
from tests.dbt_project.world import at, ids


def test_a_silence_of_more_than_half_an_hour_ends_a_session(told):
    sessions = told.rows("marts.sessions", "sessions", "started_at")
    assert [(row["started_at"], row["ended_at"]) for row in sessions] == [
        (at(), at(minutes=30)),
        (at(minutes=61), at(minutes=61)),
        (at(minutes=65), at(minutes=67)),
        (at(days=6), at(days=6)),
    ]


def test_another_campaign_starts_a_session_and_gives_it_its_channel(told):
    assert ids(told.rows("marts.sessions", "sessions", "started_at"), "channel") == [
        "Organic Search", "Direct", "Email", "Direct",
    ]  # fmt: skip


def test_heartbeats_measure_engagement(told):
    assert ids(told.rows("marts.sessions", "sessions", "started_at"), "engaged_seconds") == [0, 0, 22, 0]


@pytest.mark.parametrize(("organization_id", "count"), [("unsplit", 1), ("short", 2), ("rules_changed", 2)])
def test_an_organization_sets_its_own_session_rules(told, organization_id, count):
    assert len(told.rows("marts.sessions", organization_id)) == count


def counted(told, organization_id: str) -> dict[str, int]:
    """Sessions by case."""
    counts = dict.fromkeys((case.name for case in CASES), 0)
    for row in told.rows("marts.sessions", organization_id):
        counts[row["anonymous_id"]] += 1
    return counts


def differing(found: dict[str, int], tool: str) -> set[str]:
    """Cases in which another tool documents another number."""
    return {case.name for case in CASES if getattr(case, tool) not in {None, found[case.name]}}


def test_sessions_end_as_documented(told):
    assert counted(told, SPLIT) == {case.name: case.ours for case in CASES}


@pytest.mark.parametrize("tool", ["ga4", "snowplow", "segment"])
def test_without_new_sessions_for_campaigns_they_are_those_of_ga4_snowplow_and_segment(told, tool):
    assert differing(counted(told, UNSPLIT), tool) == set()


def test_midnight_is_all_that_differs_from_matomo(told):
    assert differing(counted(told, SPLIT), "matomo") == {"across midnight"}


def test_a_late_event_joins_the_sessions_it_lies_between(told):
    (session,) = told.rows("marts.sessions", "late")
    assert (session["started_at"], session["ended_at"], session["page_view_count"]) == (at(), at(minutes=50), 3)


def test_the_time_of_an_event_is_measured_by_our_clock(told):
    happened = {row["event_id"]: row["event_at"] for row in told.rows("intermediate.int_events_timed", "clocks")}
    assert happened == {
        "wrong-year": at(),
        "waited": at(hours=-2),
        "waited-long": at(days=-30),
        "from-a-file": at(days=-90),
        "from-the-future": at(),
    }


def test_a_day_is_the_organizations_day(told):
    (day,) = told.rows("marts.channels_daily", "berlin")
    assert day["day_on"] == date(2026, 3, 3)


@pytest.mark.parametrize("number", range(len(ARRIVALS)), ids=[f"{n}-{a.expected}" for n, a in enumerate(ARRIVALS)])
def test_every_arrival_gets_the_channel_of_its_rule(told, number):
    (session,) = [row for row in told.rows("marts.sessions", "channels") if row["anonymous_id"] == f"v-ch-{number:02}"]
    assert session["channel"] == ARRIVALS[number].expected


def test_machines_are_kept_with_a_reason_and_counted_nowhere(told):
    sessions = [row for row in told.rows("marts.sessions", "machines") if row["is_bot"]]
    assert {row["anonymous_id"]: row["bot_reasons"] for row in sessions} == {
        "v-flagged": "crawler_user_agent",
        "v-spam": "referrer_spam",
        "v-fast": "impossible_cadence,regular_intervals",
        "v-clock": "regular_intervals",
        "v-monitor": "same_page_loop",
        "v-trap": "trap_visited",
        "v-form-spam": "instant_form",
        "v-server": "datacentre_network",
        "v-crawler": "known_bot",
    }
    assert {row["session_id"] for row in told.rows("marts.touchpoints", "machines")} == {
        row["session_id"] for row in told.rows("marts.sessions", "machines") if not row["is_bot"]
    }


def test_a_sign_of_life_outweighs_a_circumstance_and_never_a_confession(told):
    found = {row["anonymous_id"]: row for row in told.rows("marts.sessions", "machines")}
    person = found["v-vpn"]
    assert (person["is_bot_at_first"], person["is_bot"], person["acquitted_by"]) == (True, False, "sent_a_form")
    assert person["first_bot_reasons"] == person["bot_reasons"] == "datacentre_network"
    assert found["v-crawler"]["is_bot"]
    assert found["v-server"]["is_bot"]


def test_the_acts_of_mail_machines_are_told_by_what_came_before_and_after(told):
    acts = told.rows("intermediate.int_email_events_resolved", "gateways")
    assert {row["email_event_id"]: row["machine_reason"] for row in acts if row["is_machine"]} == {
        "amy-click": "company_gateway",
        "ben-click": "company_gateway",
        "dee-scan-1": "every_link_at_once",
        "dee-scan-2": "every_link_at_once",
        "dee-trap": "trap_clicked",
        "dee-open": "privacy_proxy",
    }
    acquitted = next(row for row in acts if row["email_event_id"] == "dee-click-2")
    assert acquitted["is_machine_at_first"]


def test_messages_of_our_own_outbox_stand_in_the_mart_and_are_judged_with_hindsight(told):
    acts = told.rows("intermediate.int_email_events_resolved", "outbox")
    assert {row["email_event_id"]: row["machine_reason"] for row in acts if row["is_machine"]} == {
        "ann-burst": "burst_of_one_network",
        "bea-burst": "burst_of_one_network",
        "cyn-burst": "burst_of_one_network",
        "bea-open": "head_request",
        "dot-trap": "trap_clicked",
        "cyn-away": "auto_reply",
    }
    (day,) = told.rows("marts.email_engagement_daily", "outbox")
    assert (day["campaign"], day["sequence_step"], day["sent_count"], day["bounced_count"]) == ("Spring", "hello", 4, 1)
    assert (day["human_click_count"], day["machine_click_count"], day["machine_open_count"], day["reply_count"]) == (
        1, 4, 1, 1,
    )  # fmt: skip
    (mailbox,) = told.rows("marts.deliverability_daily", "outbox")
    assert (mailbox["mailbox_id"], mailbox["recipient_provider"]) == ("box", "company_domains")
    assert (mailbox["sent_count"], mailbox["bounced_count"], mailbox["reply_count"], mailbox["human_click_count"]) == (
        4, 1, 1, 1,
    )  # fmt: skip


def test_an_organization_that_holds_on_to_older_rules_is_judged_by_them(told):
    (session,) = told.rows("marts.sessions", "first_rules")
    (act,) = told.rows("intermediate.int_email_events_resolved", "first_rules")
    assert (session["bot_rules_version"], session["is_bot"], act["is_machine"]) == (1, False, False)


def test_a_company_is_known_by_its_contacts_and_by_its_network(told):
    found = {row["company_id"]: row for row in told.rows("marts.companies", "companies")}
    assert (found["known-co"]["contact_count"], found["known-co"]["visitor_count"]) == (1, 2)
    new = found["network:new.example"]
    assert (new["name"], new["contact_count"], new["visitor_count"], new["network_confidence"]) == (
        "New Ltd", 0, 1, "high",
    )  # fmt: skip

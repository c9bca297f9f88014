"""Signals of what people did: read from the marts, kept once whoever they turn out to be, and the plays are asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from domain.plays import JOB, SETTING
from orchestration.behaviour import tell_of_behaviour
from storage.lake import Lake
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.tables import BuyingSignal, Job
from tests.factories import TESTER, make_agency_with_client, make_company, make_contact

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
VISITS = (
    "organization_id text, person_id text, visited_on date, contact_id text, company_id text, first_session_id text, "
    "session_count bigint, page_view_count bigint, pricing_view_count bigint, download_count bigint, "
    "first_visit_at timestamptz, last_visit_at timestamptz, former_visit_at timestamptz"
)
REACTIONS = (
    "organization_id text, reaction_id text, kind text, contact_id text, company_id text, campaign text, intent text, "
    "page_url text, occurred_at timestamptz"
)


@pytest.fixture
def lake(settings):
    opened = Lake.open(settings)
    opened.migrate()
    with opened.writer() as cursor:
        cursor.execute(f"create table lake.marts.visits_daily ({VISITS})")
        cursor.execute(f"create table lake.marts.reactions ({REACTIONS})")
    yield opened
    opened.close()


def visited(lake, organization_id, contact_id, company_id, days_ago=1):
    at = NOW - timedelta(days=days_ago)
    row = [organization_id, "p", at.date(), contact_id, company_id, f"s{days_ago}", 1, 3, 2, 0, at, at, None]
    with lake.writer() as cursor:
        cursor.execute("delete from marts.visits_daily")
        cursor.execute(f"insert into marts.visits_daily values ({', '.join('?' * len(row))})", row)


def kept(store, scope):
    with store.read(scope) as work:
        rows = work.session.scalars(select(BuyingSignal).order_by(BuyingSignal.observed_at, BuyingSignal.kind))
        return [(row.kind, row.source, row.contact_id, row.company_id, row.title) for row in rows]


def test_what_people_did_is_kept_once_also_when_the_visitor_is_recognized_later_and_plays_are_asked(store, lake):
    family = make_agency_with_client(store)
    ours = family.client.organization_id
    firm = make_company(store, ours, domain="lovelace.example", name="Lovelace")
    ada = make_contact(store, ours, email="ada@lovelace.example", company_id=firm.company_id)
    with store.write(family.client_scope, TESTER) as work:
        OrganizationSettings(work).put(SETTING, {"plays": [{"key": "k", "is_on": True}]})
    visited(lake, ours, ada.contact_id, firm.company_id, days_ago=31)
    assert tell_of_behaviour(lake, store, ours, NOW) == 0
    with lake.writer() as cursor:
        cursor.execute(
            "insert into marts.reactions values "
            "(?, 'r1', 'email_click', ?, ?, 'Spring', null, 'https://a.example/x', ?), "
            "(?, 'r2', 'email_click', 'nobody', null, null, null, null, ?)",
            [ours, ada.contact_id, firm.company_id, NOW - timedelta(days=2), ours, NOW - timedelta(days=2)],
        )  # fmt: skip
    visited(lake, ours, None, firm.company_id)
    assert tell_of_behaviour(lake, store, ours, NOW) == 2
    visited(lake, ours, ada.contact_id, firm.company_id)
    assert tell_of_behaviour(lake, store, ours, NOW) == 0
    assert kept(store, family.client_scope) == [
        ("email_engagement", "email", ada.contact_id, firm.company_id, "Followed a link in a message: Spring"),
        ("site_visit", "site", None, firm.company_id, "Looked at prices 2 times in a day"),
    ]
    with store.read(family.client_scope) as work:
        (job,) = work.session.scalars(select(Job).where(Job.kind == JOB))
        assert len(job.payload["buying_signal_ids"]) == 2

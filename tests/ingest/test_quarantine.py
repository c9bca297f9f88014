"""A row that breaks a rule is kept with the reason, and lands when it is tried again and passes."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from domain.tenancy import Actor
from ingest.landing import land as land_all
from storage.ops.tables import EventInbox, QuarantineReplay
from tests.factories import make_organization
from tests.ingest.conftest import SYSTEM, fill_inbox, make_event, rows

KEPT = "select source, rule, reason, replayed_at is not null from raw.quarantine__rows order by rule"


def ask(store, organization_id, ids=(), source="website_events") -> str:
    with store.write(SYSTEM, Actor.system("tests")) as work:
        asked = QuarantineReplay(organization_id=organization_id, source=source, quarantine_ids=list(ids))
        work.session.add(asked)
        work.session.flush()
        return asked.quarantine_replay_id


def answer(store, replay_id) -> tuple[str, int]:
    with store.read(SYSTEM) as work:
        found = work.session.get_one(QuarantineReplay, replay_id)
        return found.status, found.replayed_count


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("not json at all", "readable"),
        ("[1, 2]", "readable"),
        (make_event(1, type="dance"), "known_type"),
        (make_event(1, consent="maybe"), "known_consent"),
        (make_event(1, occurred_at="yesterday"), "has_a_time"),
        (make_event(1, occurred_at="1987-01-01T00:00:00Z", sent_at="2026-03-02T12:00:00Z"), "plausible_time"),
        (make_event(1, type="track", name=""), "track_is_named"),
    ],
)
def test_each_rule_sends_its_rows_to_quarantine_and_lets_the_others_land(sqlite_store, lake, clock, body, rule):
    fill_inbox(sqlite_store, clock.now, [body, make_event(2)])
    (report,) = land_all(sqlite_store, lake, clock=clock, sources=["website_events"]).feeds
    assert (report.landed_count, report.quarantined_count) == (1, 1)
    assert [row[:2] for row in rows(lake, KEPT)] == [("website_events", rule)]


def test_a_clock_that_is_years_off_is_no_reason_to_quarantine(sqlite_store, lake, clock):
    ahead = make_event(1, occurred_at="2036-01-01T00:00:00Z", sent_at="2036-01-01T00:00:02Z")
    fill_inbox(sqlite_store, clock.now, [ahead])
    assert land_all(sqlite_store, lake, clock=clock).landed_count == 1


def test_a_row_that_passes_on_replay_lands_and_the_request_is_answered(store, lake, clock):
    organization_id = make_organization(store).organization_id
    fill_inbox(store, clock.now, ["broken", make_event(1, type="dance")], organization_id)
    land_all(store, lake, clock=clock)
    mend_in_quarantine(lake, "dance", "page_view")
    replay_id = ask(store, organization_id)
    report = land_all(store, lake, clock=clock)
    assert report.replayed_count == 1
    assert answer(store, replay_id) == ("done", 1)
    assert rows(lake, "select event_id, type, network_owner from raw.website_events__events") == [
        ("event-1", "page_view", "Example Works")
    ]
    assert [(row[1], row[3]) for row in rows(lake, KEPT)] == [("known_type", True), ("readable", False)]
    assert land_all(store, lake, clock=clock).replayed_count == 0


def test_only_the_rows_that_were_asked_for_are_tried(sqlite_store, lake, clock):
    organization_id = make_organization(sqlite_store).organization_id
    fill_inbox(sqlite_store, clock.now, [make_event(1, type="dance"), make_event(2, type="dance")], organization_id)
    land_all(sqlite_store, lake, clock=clock)
    mend_in_quarantine(lake, "dance", "page_view")
    ((one,),) = rows(lake, "select quarantine_id from raw.quarantine__rows where row like '%event-2%'")
    ask(sqlite_store, organization_id, [one])
    assert land_all(sqlite_store, lake, clock=clock).replayed_count == 1
    assert rows(lake, "select event_id from raw.website_events__events") == [("event-2",)]


def test_another_organization_cannot_replay_my_rows(sqlite_store, lake, clock):
    mine, other = (make_organization(sqlite_store).organization_id for _ in range(2))
    fill_inbox(sqlite_store, clock.now, [make_event(1, type="dance")], mine)
    land_all(sqlite_store, lake, clock=clock)
    mend_in_quarantine(lake, "dance", "page_view")
    ((one,),) = rows(lake, "select quarantine_id from raw.quarantine__rows")
    replay_id = ask(sqlite_store, other, [one])
    land_all(sqlite_store, lake, clock=clock)
    assert answer(sqlite_store, replay_id) == ("done", 0)
    assert rows(lake, "select count(*) from raw.website_events__events") == [(0,)]


def test_a_replayed_row_of_a_file_is_parsed_with_what_was_known_then(land, sqlite_store, lake, clock, organization_id):
    text = "date,channel,campaign,spend\n2026-01-01,Email,a,ten\n"
    land("ad_spend", "plain.csv", text, facts={"currency": "GBP"})
    mend_in_quarantine(lake, "ten", "10")
    replay_id = ask(sqlite_store, organization_id, source="ad_spend")
    land_all(sqlite_store, lake, clock=clock)
    assert answer(sqlite_store, replay_id) == ("done", 1)
    assert rows(lake, "select amount_minor, currency from raw.ad_spend__spend") == [(1000, "GBP")]


def test_a_bad_row_that_comes_again_is_kept_once(sqlite_store, lake, clock):
    for _ in range(2):
        fill_inbox(sqlite_store, clock.now, ["broken"], seq=7)
        land_all(sqlite_store, lake, clock=clock)
        with sqlite_store.write(SYSTEM, Actor.system("tests")) as work:
            assert work.session.scalars(select(EventInbox)).all() == []
        forget(sqlite_store, lake)
    assert len(rows(lake, KEPT)) == 1


def mend_in_quarantine(lake, wrong: str, right: str) -> None:
    """As when a rule was too strict and is mended: the same row now passes."""
    with lake.writer() as cursor:
        cursor.execute("update raw.quarantine__rows set row = replace(row, ?, ?)", [wrong, right])


def forget(store, lake) -> None:
    from sqlalchemy import delete

    from storage.ops.tables import EventKey

    with store.write(SYSTEM, Actor.system("tests")) as work:
        work.session.execute(delete(EventKey))
    with lake.writer() as cursor:
        cursor.execute("delete from meta.landing_marks")


def test_rows_of_the_change_log_are_judged_too(sqlite_store, lake, clock):
    from sqlalchemy import insert

    from storage.ops.tables import ChangeLog

    entry = {"organization_id": "o", "entity": "contact", "entity_id": "c", "op": "insert", "changed_at": clock.now}
    with sqlite_store.write(SYSTEM, Actor.system("tests")) as work:
        work.session.execute(
            insert(ChangeLog),
            [
                {**entry, "row": json.dumps({"email": None})},
                {**entry, "row": "nothing"},
                {**entry, "op": "merge", "row": "{}"},
            ],
        )
    report = land_all(sqlite_store, lake, clock=clock, sources=["operational"])
    assert (report.landed_count, report.feeds[0].quarantined_count) == (1, 2)
    assert [row[1] for row in rows(lake, KEPT)] == ["known_operation", "row_is_json"]

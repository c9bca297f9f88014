"""A contact's story from the store, the inbox and the lake, each with how fresh it is."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from domain.tenancy import Scope
from storage.lake import Lake
from storage.ops.repositories.activities import Activities
from storage.ops.tables import EventInbox, Form, FormSubmission
from tests.factories import TESTER, make_contact

BROWSER = "browser-of-ada"


@pytest.fixture
def ada(store, family):
    return make_contact(store, family.agency.organization_id, email="ada@mail.example", first_name="Ada")


@pytest.fixture
def scope(family):
    return Scope.of(family.agency.organization_id)


def put_event(store, scope, number, at, **body):
    event = {"event_id": f"e{number}", "type": "page_view", "occurred_at": at.isoformat(), **body}
    with store.write(scope, TESTER) as work:
        work.session.add(
            EventInbox(
                organization_id=scope.organization_id, event_id=f"e{number}", received_at=at, body=json.dumps(event),
                context="{}",
            )
        )  # fmt: skip


def test_a_story_merges_what_the_store_and_the_inbox_know(api, store, scope, ada, clock):
    with store.write(scope, TESTER) as work:
        form = Form(organization_id=scope.organization_id, name="Demo")
        work.session.add(form)
        work.session.flush()
        work.session.add(
            FormSubmission(
                organization_id=scope.organization_id, submission_id="s1", form_id=form.form_id,
                contact_id=ada.contact_id, anonymous_id=BROWSER, submitted_at=clock(),
            )
        )  # fmt: skip
        Activities(work).add(
            kind="form_submission", contact_id=ada.contact_id, summary="Sent the form Demo", actor_kind="contact",
            occurred_at=clock() + timedelta(minutes=2),
        )  # fmt: skip
    page = {"url": "https://site.example/pricing", "title": "Pricing"}
    put_event(store, scope, 1, clock() + timedelta(minutes=1), anonymous_id=BROWSER, page=page)
    put_event(store, scope, 2, clock() + timedelta(minutes=3), contact_id=ada.contact_id, type="file_download")
    put_event(store, scope, 3, clock() + timedelta(minutes=4), anonymous_id="somebody-else", page=page)
    put_event(store, scope, 4, clock() + timedelta(minutes=5), anonymous_id=BROWSER, type="page_ping")
    story = api.get(f"/v1/contacts/{ada.contact_id}/timeline").json()
    assert [(item["title"], item["source"]) for item in story["items"]][:3] == [
        ("Downloaded a file", "inbox"),
        ("Sent the form Demo", "store"),
        ("Viewed a page", "inbox"),
    ]
    assert story["items"][2]["detail"] == "Pricing"
    fresh = {found["source"]: found for found in story["freshness"]}
    assert fresh["inbox"]["note"] == "3 events not landed yet"
    assert fresh["lake"]["as_of_at"] is None
    assert "no lake" in fresh["lake"]["note"]


def test_a_story_holds_the_sessions_and_touches_of_the_marts(api, settings, store, scope, ada, clock):
    lake = Lake.open(settings)
    lake.migrate()
    at = clock() - timedelta(days=1)
    with lake.writer() as cursor:
        cursor.execute(
            "create table marts.sessions as select ? as organization_id, ? as contact_id, 's1' as session_id, "
            "'b1' as anonymous_id, ?::timestamptz as started_at, 4 as page_view_count, 95 as engaged_seconds, "
            "'/pricing' as landing_page, 'Paid Search' as channel, 'google' as source, 'desktop' as device_type, "
            "false as is_bot",
            [scope.organization_id, ada.contact_id, at],
        )
        cursor.execute(
            "create table marts.touchpoints as select ? as organization_id, ? as contact_id, unnest(['t1', 't2']) as "
            "touchpoint_id, ?::timestamptz as touched_at, unnest(['visit', 'email_click']) as kind, "
            "unnest(['Paid Search', 'Outbound Email']) as channel, 'google' as source, '' as medium, 'spring' as "
            "campaign, unnest(['s1', null]) as session_id",
            [scope.organization_id, ada.contact_id, at - timedelta(hours=1)],
        )
        cursor.execute("insert into meta.builds values ('marts', ?, '')", [clock()])
    put_event(store, scope, 1, clock(), anonymous_id="b1")
    story = api.get(f"/v1/contacts/{ada.contact_id}/timeline").json()
    assert [(item["title"], item["source"]) for item in story["items"]] == [
        ("Viewed a page", "inbox"),
        ("Visited the site: 4 pages, 1 min 35 s", "lake"),
        ("Email click", "lake"),
    ]
    assert story["items"][1]["detail"] == "/pricing · via Paid Search · desktop"
    assert {found["source"]: found["as_of_at"] is not None for found in story["freshness"]}["lake"]

"""Leaving by the link of a message: opening it changes nothing, one click does, and nobody can make a link."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from domain.outreach.unsubscribing import make_token
from storage.ops.repositories.enrolments import Enrolments
from storage.ops.repositories.organizations import Organizations
from storage.ops.tables import Consent, Enrolment, Suppression
from tests.factories import SYSTEM, TESTER
from tests.factories.outreach import enrol_all, enrolments_of, make_enrolment, make_sequence


def test_a_scanner_that_opens_the_link_changes_nothing_and_one_click_leaves_for_good(store, web, family):
    ours = family.agency.organization_id
    one = make_enrolment(store, make_sequence(store, ours), "ada@lovelace.example")
    with store.read(SYSTEM) as work:
        path = f"/u/{make_token(ours, one.enrolment_id, Organizations(work).hash_key(ours))}"

    def state():
        with store.read(SYSTEM) as work:
            return (
                work.session.get(Enrolment, one.enrolment_id).status,
                list(work.session.scalars(select(Suppression.reason))),
                list(work.session.scalars(select(Consent.is_granted))),
            )

    for method in ("GET", "HEAD"):
        web.request(method, path)
    shown = web.get(path)
    assert "a…@lovelace.example" in shown.text
    assert "ada@" not in shown.text
    assert state() == ("active", [], [])
    for _ in range(2):
        assert web.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert state() == ("stopped", ["unsubscribed"], [False])
    assert web.post(path[:-1] + ("0" if path[-1] != "0" else "1")).status_code == 404


@pytest.fixture
def link(store, family):
    """`link(enrolment)` answers the path of somebody's way out."""

    def made(one):
        with store.read(SYSTEM) as work:
            key = Organizations(work).hash_key(one.organization_id)
        return f"/u/{make_token(one.organization_id, one.enrolment_id, key)}"

    return made


@pytest.fixture
def two_ways(store, family):
    """Somebody who is in two sequences at once."""
    ours = family.agency.organization_id
    first = make_enrolment(store, make_sequence(store, ours, entry={"exclusivity": "none"}), "ada@lovelace.example")
    second = make_sequence(store, ours, name="Autumn", entry={"exclusivity": "none"})
    enrol_all(store, second, [first.contact_id])
    return first, enrolments_of(store, second)[first.contact_id]


def states(store, *enrolments):
    with store.read(SYSTEM) as work:
        return [work.session.get(Enrolment, one.enrolment_id).status for one in enrolments]


def test_one_campaign_may_be_left_and_others_go_on(store, web, two_ways, link):
    first, second = two_ways
    answer = web.post(link(first), data={"choice": "campaign"})
    assert "no more messages on this subject" in answer.text
    assert states(store, first, second) == ["stopped", "active"]
    with store.read(SYSTEM) as work:
        (kept,) = work.session.scalars(select(Suppression))
        assert (kept.reason, kept.campaign_id != "", list(work.session.scalars(select(Consent)))) == (
            "unsubscribed",
            True,
            [],
        )


def test_a_pause_holds_for_everything_and_ends_by_itself(store, web, two_ways, link, clock):
    first, second = two_ways
    ours = first.organization_id
    for _ in range(2):
        assert "will not write before" in web.post(link(first), data={"choice": "pause_30"}).text
    assert states(store, first, second) == ["paused", "paused"]
    third = make_sequence(store, ours, name="Winter", entry={"exclusivity": "none"})
    assert enrol_all(store, third, [first.contact_id]) == {"suppressed": [first.contact_id]}
    with store.read(SYSTEM) as work:
        assert {one.reason for one in work.session.scalars(select(Enrolment))} == {"asked_for_a_pause"}
    clock.now += timedelta(days=30)
    with store.write(SYSTEM, TESTER) as work:
        Enrolments(work).wake_paused(clock.now, limit=10)
    assert states(store, first, second) == ["active", "active"]
    assert enrol_all(store, third, [first.contact_id]) == {}


def test_a_pause_never_shortens_what_was_asked_before(store, web, two_ways, link, clock):
    first, second = two_ways
    web.post(link(first))
    web.post(link(second), data={"choice": "pause_30"})
    clock.now += timedelta(days=31)
    with store.read(SYSTEM) as work:
        assert [(one.reason, one.lifted_at) for one in work.session.scalars(select(Suppression))] == [
            ("unsubscribed", None)
        ]


def test_changing_nothing_changes_nothing(store, web, two_ways, link):
    assert "Nothing has changed" in web.post(link(two_ways[0]), data={"choice": "nothing"}).text
    assert states(store, *two_ways) == ["active", "active"]
    with store.read(SYSTEM) as work:
        assert list(work.session.scalars(select(Suppression))) == []


@pytest.mark.parametrize(
    "form",
    [
        {"data": {"List-Unsubscribe": "One-Click"}},
        {"files": {"List-Unsubscribe": (None, "One-Click")}},
        {"content": b""},
        {"content": b"\xff\x00not a form", "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
        {"content": b"choice=nothing" + b"&x=" + b"y" * 10_000},
        {"data": {"choice": "made up"}},
    ],
)
def test_whatever_a_mail_program_sends_leaves(store, web, two_ways, link, form):
    assert web.post(link(two_ways[0]), **form).status_code == 200
    assert states(store, *two_ways) == ["stopped", "stopped"]

"""Leaving by the link of a message: opening it changes nothing, one click does, and nobody can make a link."""

from __future__ import annotations

from sqlalchemy import select

from domain.outreach.unsubscribing import make_token
from storage.ops.repositories.organizations import Organizations
from storage.ops.tables import Consent, Enrolment, Suppression
from tests.factories import SYSTEM
from tests.factories.outreach import make_enrolment, make_sequence


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

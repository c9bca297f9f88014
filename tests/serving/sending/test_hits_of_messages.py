"""Who opened and clicked: everything is kept, programs are flagged with their reasons, and only a person's click counts."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from domain.tenancy import Scope
from serving.jobs.base import all_kinds
from serving.sending.tracking import SETTING
from serving.worker import Worker
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.tables import Activity, ChangeLog, DecisionLedger, Enrolment, MessageEvent, MessageHit
from tests.factories import SYSTEM, TESTER
from tests.factories.outreach import HELLO, WAIT, make_enrolment, make_sequence

ADA = "ada@lovelace.example"
PERSON = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36"}
APPLE = {"User-Agent": "Mozilla/5.0"}
LINKED = {
    **HELLO,
    "html": '<a href="https://northwind.example/guide?email=ada@lovelace.example&amp;utm_source=mail">Guide</a>'
    '<a href="https://northwind.example/prices">Prices</a>',
}


class Letter:
    """The tracked addresses of a message that was sent, asked for as somebody."""

    def __init__(self, web, message) -> None:
        markup = message.get_body(("html",)).get_content()
        self._web = web
        self.guide, self.prices, self.trap, self.picture = re.findall(r"https://[a-z.]+(/[oc]/[\w-]+)", markup)

    def ask(self, path, who=PERSON, method="GET"):
        return self._web.request(method, path, headers=who, follow_redirects=False)


@pytest.fixture
def letter(store, agency, mailbox, run, sink, web, clock):
    with store.write(Scope.of(agency), TESTER) as work:
        OrganizationSettings(work).put(SETTING, {"opens": "always", "clicks": "always", "trap": True})
    condition = {"id": "fit", "type": "condition", "when": ["has_clicked:eq:true"], "otherwise": "end"}
    task = {"id": "call", "type": "task", "kind": "call", "title": "Call them"}
    make_enrolment(store, make_sequence(store, agency, LINKED, WAIT, condition, task), ADA)
    run()
    clock.now += timedelta(hours=2)
    return Letter(web, sink.messages[0])


@pytest.fixture
def rows(store):
    """`rows(Table)` answers all of a table, in order."""

    def found(table):
        with store.read(SYSTEM) as work:
            return list(work.session.scalars(select(table).order_by(table.__mapper__.primary_key[0])))

    return found


@pytest.fixture
def settle(store, settings, clock):
    """Lets a minute pass, and the worker judge again."""

    def passed():
        clock.now += timedelta(seconds=61)
        kinds = {"judge_clicks": all_kinds()["judge_clicks"]}
        Worker(store, settings, clock=clock, kinds=kinds, lane="short").run_once()

    return passed


def test_a_persons_click_is_kept_at_once_and_becomes_part_of_their_story_a_minute_later(letter, rows, settle):
    letter.ask(letter.picture)
    for _ in range(2):
        assert letter.ask(letter.guide).status_code == 302
    opened, clicked, _ = rows(MessageHit)
    assert (opened.kind, clicked.kind, clicked.is_machine, clicked.reasons) == ("opened", "clicked", False, [])
    assert clicked.link_url == "https://northwind.example/guide?utm_source=mail", "nothing that says who was led"
    assert [event.kind for event in rows(MessageEvent)] == ["sent"]
    settle()
    settle()
    assert [event.kind for event in rows(MessageEvent)] == ["sent", "clicked"]
    (line,) = [line for line in rows(Activity) if line.kind == "link_click"]
    assert (line.summary, line.actor_kind) == ("Followed a link in a message: northwind.example/guide", "contact")
    (decision,) = [row for row in rows(DecisionLedger) if row.subject_kind == "message"]
    assert (decision.outcome, decision.reason) == ("clicked_by_a_person", "nothing_speaks_against_it")


def test_a_scanner_that_follows_every_link_is_nobody_although_its_first_click_looked_like_one(letter, rows, settle):
    letter.ask(letter.guide)
    assert [hit.is_machine for hit in rows(MessageHit)] == [False]
    letter.ask(letter.prices)
    letter.ask(letter.trap)
    guide, prices, trap = rows(MessageHit)
    assert guide.reasons == prices.reasons == ["with_the_trap", "several_links_at_once"]
    assert trap.reasons == ["trap_followed", "several_links_at_once"]
    settle()
    assert [event.kind for event in rows(MessageEvent)] == ["sent"]
    assert [line.kind for line in rows(Activity) if line.kind == "link_click"] == []
    (decision,) = [row for row in rows(DecisionLedger) if row.subject_kind == "message"]
    assert decision.outcome == "clicked_by_machines"


def test_every_request_and_what_it_was_found_to_be_lands_in_the_lake(letter, rows):
    letter.ask(letter.guide)
    letter.ask(letter.trap)
    landed = [json.loads(row.row) for row in rows(ChangeLog) if row.entity == "message_hit"]
    newest = {row["message_hit_id"]: row for row in landed}
    assert [(row["kind"], row["is_machine"], row["reasons"][0]) for row in newest.values()] == [
        ("clicked", True, "with_the_trap"), ("trapped", True, "trap_followed"),
    ]  # fmt: skip
    assert "message_event" in {row.entity for row in rows(ChangeLog)}


def test_opens_are_never_evidence_and_machines_are_named(letter, rows, settle, run, clock):
    letter.ask(letter.picture, APPLE)
    letter.ask(letter.picture, method="HEAD")
    letter.ask(letter.picture)
    assert [hit.reasons for hit in rows(MessageHit)] == [["privacy_proxy"], ["head_request"], []]
    settle()
    clock.now += timedelta(days=3)
    run()
    (found,) = rows(Enrolment)
    assert (found.status, found.step_id) == ("finished", "end")
    assert [event.kind for event in rows(MessageEvent)] == ["sent"]


def test_a_persons_click_opens_the_way_of_a_condition(letter, settle, run, clock, rows):
    letter.ask(letter.prices)
    settle()
    clock.now += timedelta(days=3)
    run()
    assert "task" in [row.outcome for row in rows(DecisionLedger) if row.kind == "sequence"]


def test_of_an_address_only_its_network_is_kept(letter, web, rows):
    visitor = TestClient(web.app, client=("84.133.17.201", 50_000), headers=PERSON)
    visitor.get(letter.guide, follow_redirects=False)
    (hit,) = rows(MessageHit)
    assert hit.ip_network == "84.133.17.0/24"
    assert "84.133.17.201" not in str(
        {column.name: getattr(hit, column.name) for column in MessageHit.__table__.columns}
    )


def test_the_api_shows_requests_and_counts_to_their_owner_and_nobody_else(letter, api, sign_in, stranger, rows):
    letter.ask(letter.picture, APPLE)
    letter.ask(letter.guide)
    message_id, sequence_id = rows(MessageHit)[0].outbox_message_id, rows(Enrolment)[0].sequence_id
    shown = api.get(f"/v1/messages/{message_id}/hits").json()["items"]
    assert [(hit["kind"], hit["is_machine"]) for hit in shown] == [("opened", True), ("clicked", False)]
    assert api.get(f"/v1/sequences/{sequence_id}").json()["hits"] == {
        "opened": 0, "opened_by_machines": 1, "clicked": 1, "clicked_by_machines": 0,
    }  # fmt: skip
    theirs = sign_in(stranger.organization_id)
    assert theirs.get(f"/v1/messages/{message_id}/hits").status_code == 404

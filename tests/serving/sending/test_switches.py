"""Who stopped what, when and why, at every level; an agency's switch holds for its clients, and theirs does not open it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from domain.decisions import DecisionKind
from domain.tenancy import Role
from serving.sending.installation import installation_stop, let_go_on, main, stop, stop_file
from serving.sending.switches import stopped_organizations
from storage.ops.tables import DecisionLedger
from tests.factories import SYSTEM
from tests.factories.outreach import HELLO, make_enrolment, make_mailbox, make_sequence

AT = "2026-03-02T12:00:00Z"


@pytest.fixture
def client_id(family):
    return family.client.organization_id


def switched(store, subject_kind):
    with store.read(SYSTEM) as work:
        found = work.session.scalars(
            select(DecisionLedger)
            .where(DecisionLedger.kind == DecisionKind.SWITCH.value, DecisionLedger.subject_kind == subject_kind)
            .order_by(DecisionLedger.decision_id)
        )
        return [(one.organization_id, one.outcome, one.detail["why"]) for one in found]


def off(person, is_stopped=True, reason="They did not pay", **params):
    return person.put("/v1/sending", json={"is_stopped": is_stopped, "reason": reason}, params=params).json()


def stops_of(person, **params):
    return person.get("/v1/sending", params=params).json()["stops"]


def test_an_agency_that_stops_stops_its_clients_whose_own_switch_does_not_open_it(
    store, sign_in, sink, run, clock, agency, client_id
):
    theirs, owner = sign_in(client_id), sign_in(agency, Role.OWNER)
    make_mailbox(store, client_id, sink.port)
    sequence = make_sequence(store, client_id, HELLO)
    make_enrolment(store, sequence, email="ada@lovelace.example")
    off(owner)
    off(theirs, is_stopped=False)
    assert run() == 0
    with store.read(SYSTEM) as work:
        assert stopped_organizations(work) == {agency, client_id}
    diagnosis = theirs.get(f"/v1/sequences/{sequence.sequence_id}/diagnosis").json()
    told = {"reason": "agency_stopped", "by": "Northwind", "at": AT, "why": ""}  # not who, nor why
    assert (diagnosis["gate"]["reason"], diagnosis["stop"], stops_of(theirs)) == ("agency_stopped", told, [told])
    mailbox = theirs.get("/v1/mailboxes").json()["items"][0]
    assert mailbox["standing"]["reason"] == "agency_stopped"
    (seen,) = stops_of(owner, organization_id=client_id)
    assert (seen["why"], seen["by"] != "Northwind") == ("They did not pay", True)
    off(owner, is_stopped=False, reason="")
    assert stops_of(theirs) == []
    clock.now += timedelta(minutes=15)
    assert run() == 1


def test_a_client_that_stops_stops_itself_alone(store, sign_in, agency, client_id):
    theirs, owner = sign_in(client_id), sign_in(agency, Role.OWNER)
    off(theirs, reason="Trade fair")
    assert [(each["reason"], each["why"]) for each in stops_of(theirs)] == [("organization_stopped", "Trade fair")]
    assert stops_of(owner) == []
    with store.read(SYSTEM) as work:
        assert stopped_organizations(work) == {client_id}


def test_a_switch_is_a_row_of_the_ledger_each_time_that_it_changes_something(store, api, agency):
    off(api)
    off(api)
    off(api, is_stopped=False, reason="")
    assert switched(store, "organization") == [(agency, "stopped", "They did not pay"), (agency, "on", "")]
    sequence = make_sequence(store, agency, HELLO)
    body = {"status": "paused", "reason": "The letter is wrong"}
    shown = api.post(f"/v1/sequences/{sequence.sequence_id}/switch", json=body).json()["switched"]
    assert (shown["outcome"], shown["why"], shown["at"], bool(shown["by"])) == ("paused", body["reason"], AT, True)
    api.post(f"/v1/sequences/{sequence.sequence_id}/switch", json=body)
    assert switched(store, "sequence") == [(agency, "active", ""), (agency, "paused", body["reason"])]
    found = api.get(f"/v1/sequences/{sequence.sequence_id}/diagnosis").json()["stop"]
    assert found == {"reason": "sequence_paused", "by": shown["by"], "at": AT, "why": body["reason"]}


def test_the_installation_says_who_stopped_it_to_everybody(store, settings, api, agency, client_id, sign_in):
    stop(store, settings, by="root", why="The disk is full")
    (told,) = stops_of(sign_in(client_id))
    assert told == {"reason": "installation_stopped", "by": "root", "at": AT, "why": "The disk is full"}
    let_go_on(store, settings, by="root", why="There is room")
    let_go_on(store, settings, by="root", why="It is on already")
    assert stops_of(api) == []
    rows = [("stopped", "The disk is full"), ("on", "There is room")]
    assert sorted(switched(store, "installation")) == sorted(
        (each, *row) for each in (agency, client_id) for row in rows
    )


def test_a_file_that_a_person_made_stops_as_well_and_its_text_is_the_reason(store, settings):
    path = stop_file(settings)
    path.parent.mkdir(exist_ok=True)
    path.write_text("Back on Monday\n", encoding="utf-8")
    found = installation_stop(settings)
    assert (found.by, found.why, found.at is not None) == ("", "Back on Monday", True)
    path.write_bytes(b"\xff")
    assert installation_stop(settings) is not None
    path.unlink()
    assert installation_stop(settings) is None


def test_whoever_runs_the_machine_says_why(capsys):
    with pytest.raises(SystemExit):
        main(["stop"])
    assert "say --why" in capsys.readouterr().err

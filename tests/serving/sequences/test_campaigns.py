"""Mailboxes, sequences and people in them over the API: written, rehearsed, explained, switched, and kept apart by tenant."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.tenancy import Role, Scope
from serving.mail.transports.file.transport import FOLDER
from serving.sending.deciding import look
from serving.sending.engine import Engine
from storage.ops.repositories.consents import Suppressions
from storage.ops.repositories.sequences import Look
from tests.factories import TESTER, make_contact

SOURCE = """\
# Spring, written by hand
name: Spring
window: {mon: ["00:00-24:00"], tue: ["00:00-24:00"], wed: ["00:00-24:00"], thu: ["00:00-24:00"], fri: ["00:00-24:00"]}
steps:
  - id: hello
    type: email
    subject: "Hi {{ contact.first_name | default: 'there' }}"
    text: "{Hello|Good day}, how is {{ company.name | default: 'work' }}?"
  - {id: pause, type: wait, days: 3}
  - {id: again, type: email, text: "Did you see this?"}
"""


@pytest.fixture
def admin(sign_in, family):
    return sign_in(family.agency.organization_id, Role.ADMIN)


@pytest.fixture
def mailbox(admin):
    terms = {"min_gap_seconds": 600, "gap_jitter_seconds": 0, "window": {"sat": ["09:00-17:00"]}}
    sent = {"address": "ada@agency.example", "display_name": "Ada", "transport": "file", "terms": terms}
    answer = admin.post("/v1/mailboxes", json=sent)
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.fixture
def sequence(api):
    answer = api.post("/v1/sequences", json={"source": SOURCE})
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.fixture
def people(store, family):
    ours = family.agency.organization_id
    return [
        make_contact(store, ours, email=f"{name}@lovelace.example", first_name=name.title()).contact_id
        for name in ("ada", "bob")
    ]


def test_a_sequence_goes_round_to_the_byte_and_every_fault_is_named(api, sequence):
    path = f"/v1/sequences/{sequence['sequence_id']}"
    read = api.get(path)
    assert (read.json()["source"], read.json()["version"], read.json()["status"]) == (SOURCE, 1, "draft")
    changed = SOURCE.replace("days: 3", "days: 4")
    stale = api.put(path, json={"source": changed}, headers={"If-Match": '"0"'})
    assert stale.status_code == 412
    done = api.put(path, json={"source": changed}, headers={"If-Match": read.headers["ETag"]}).json()
    assert (done["version"], done["source"]) == (2, changed)
    for broken, words in (
        (SOURCE.replace("contact.first_name", "person.name"), "no variable is called person"),
        (SOURCE.replace("days: 3", "days: 900"), "steps[1] (pause).days"),
        ("name: [", "not YAML: line"),
        ("name: Spring\nsteps: &all []\nmailboxes: *all", "aliases"),
    ):
        answer = api.put(path, json={"source": broken})
        assert answer.status_code == 422, broken
        assert words in answer.json()["detail"]
    assert api.post("/v1/sequences", json={"source": SOURCE}).status_code == 409
    assert api.get("/v1/sequences/schema").json()["properties"]["steps"]["maxItems"] == 50


def test_letters_are_read_before_they_are_sent_with_what_to_look_at(api, family, people, sign_in):
    shouting = SOURCE.replace('text: "Did you see this?"', 'text: "BUY NOW AND SAVE!!! {{ contact.title }}"')
    hello, again = api.post("/v1/sequences/letters", json={"source": shouting, "contact_id": people[0]}).json()["items"]
    assert (hello["subject"], hello["is_first"], hello["missing"]) == ("Hi Ada", True, [])
    assert [remark["rule"] for remark in hello["remarks"]] == ["plain_link"]  # the way out, without TLS on this machine
    assert (again["subject"], again["is_first"], again["missing"]) == ("Re: Hi Ada", False, ["contact.title"])
    assert "shouting" in {remark["rule"] for remark in again["remarks"]}
    nobody = api.post("/v1/sequences/letters", json={"source": SOURCE}).json()["items"]
    assert nobody[0]["subject"] == "Hi there"
    other = sign_in(family.client.organization_id, Role.ADMIN)
    assert other.post("/v1/sequences/letters", json={"source": SOURCE, "contact_id": people[0]}).status_code == 404
    assert api.post("/v1/sequences/letters", json={"source": "name: ["}).status_code == 422


def test_a_dry_run_says_who_gets_what_when_from_which_mailbox_and_who_not(
    api, store, family, mailbox, sequence, people, clock
):
    with store.write(Scope.of(family.agency.organization_id), TESTER) as work:
        Suppressions(work).add("email", "bob@lovelace.example", reason="legal")
    eve = make_contact(store, family.agency.organization_id, email="eve@babbage.example").contact_id
    path = f"/v1/sequences/{sequence['sequence_id']}/dry-run"
    found = api.post(path, json={"contact_ids": [*people, eve, "nobody"]}).json()
    ada, bob, late, nobody = found["items"]
    assert (ada["outcome"], ada["subject"], ada["mailbox"]) == ("send", "Hi Ada", "ada@agency.example")
    assert ada["text"].startswith(("Hello, how is work?", "Good day, how is work?"))
    assert (bob["outcome"], bob["reason"], bob["detail"]["level"]) == ("stop", "suppressed", "organization")
    assert (nobody["outcome"], nobody["reason"]) == ("stop", "unknown_contact")
    assert late["at"] == found["last_at"] == (clock.now + timedelta(minutes=10)).isoformat().replace("+00:00", "Z")
    assert api.get("/v1/enrolments").json()["total"] == 0


def test_before_a_start_it_says_when_it_would_be_through_and_for_which_limit(api, admin, mailbox, sequence, people):
    path = f"/v1/sequences/{sequence['sequence_id']}/finish"
    api.post("/v1/enrolments", json={"sequence_id": sequence["sequence_id"], "contact_ids": people})
    few = api.get(path).json()  # Monday noon; the mailbox sends on Saturdays only, too
    assert (few["people"], few["messages"], few["finishes_on"], few["limits"]) == (2, 4, "2026-03-05", [])
    many = api.get(path, params={"people": 48}).json()
    assert (many["people"], many["reason"], many["limits"][0]["name"]) == (50, "", "ramp")
    admin.post(f"/v1/mailboxes/{mailbox['mailbox_id']}/switch", json={"status": "paused", "reason": "on holiday"})
    none = api.get(path).json()
    assert (none["finishes_on"], none["reason"], none["left"]) == (None, "mailbox_paused", 2)


def test_what_it_says_before_a_start_is_the_day_on_which_the_dry_run_ends(api, admin, store, family):
    limits = {"per_day": 3, "min_gap_seconds": 60, "gap_jitter_seconds": 0, "ramp": None, "in_use_since": "2020-01-01"}
    admin.post("/v1/mailboxes", json={"address": "ada@agency.example", "transport": "file", "terms": limits})
    source = "name: Once\nsteps:\n  - {id: hello, type: email, subject: Hi, text: Hello}\n"
    sequence_id = api.post("/v1/sequences", json={"source": source}).json()["sequence_id"]
    people = [
        make_contact(store, family.agency.organization_id, email=f"p{each}@lovelace.example").contact_id
        for each in range(8)
    ]
    api.post("/v1/enrolments", json={"sequence_id": sequence_id, "contact_ids": people})
    last_at = api.post(f"/v1/sequences/{sequence_id}/dry-run", json={"contact_ids": people}).json()["last_at"]
    found = api.get(f"/v1/sequences/{sequence_id}/finish").json()
    assert (found["finishes_on"], found["limits"]) == (last_at[:10], [{"name": "mailbox_per_day", "days": 2}])


def test_people_are_put_in_sent_to_and_explained(api, store, settings, family, mailbox, sequence, people, clock):
    sequence_id = sequence["sequence_id"]
    body = {"sequence_id": sequence_id, "contact_ids": [*people, "nobody"]}
    assert api.post("/v1/enrolments", json=body).json() == {"enrolled": 2, "refused": {"unknown_contact": ["nobody"]}}
    why = api.get(f"/v1/sequences/{sequence_id}/diagnosis").json()
    assert (why["gate"]["reason"], why["people"]) == (
        "sequence_draft",
        [{"status": "active", "reason": "", "count": 2}],
    )
    assert api.post(f"/v1/sequences/{sequence_id}/switch", json={"status": "active"}).json()["status"] == "active"
    api.put("/v1/sending", json={"is_stopped": True, "reason": "holiday"})
    assert Engine(store, settings, clock=clock).drain() == 0
    assert api.get(f"/v1/sequences/{sequence_id}/diagnosis").json()["gate"]["reason"] == "organization_stopped"
    api.put("/v1/sending", json={"is_stopped": False})
    clock.now += timedelta(minutes=15)
    assert Engine(store, settings, clock=clock).drain() == 1
    assert len(list((settings.data.dir / FOLDER).glob("*.eml"))) == 1
    lines = api.get("/v1/enrolments", params={"filter": f"sequence_id:eq:{sequence_id}"}).json()["items"]
    sent, waiting = sorted(lines, key=lambda line: -line["sent_count"])
    explained = api.get(f"/v1/enrolments/{waiting['enrolment_id']}/diagnosis").json()
    assert explained["reason"] == "mailbox_gap"
    assert api.get(f"/v1/enrolments/{sent['enrolment_id']}/diagnosis").json()["reason"] == "step_waits"
    act = f"/v1/enrolments/{waiting['enrolment_id']}/act"
    assert [api.post(act, json={"act": act_}).json()["status"] for act_ in ("pause", "resume", "stop")] == [
        "paused",
        "active",
        "stopped",
    ]
    assert api.post(act, json={"act": "resume"}).status_code == 409
    shown = api.get("/v1/sequences").json()["items"][0]
    assert (shown["people"], shown["messages"]) == ({"active": 1, "stopped": 1}, {"sent": 1})


def test_what_was_queued_when_its_person_was_paused_leaves_once_they_go_on(
    api, mailbox, sequence, store, people, settings, clock, family
):
    sequence_id = sequence["sequence_id"]
    api.post("/v1/enrolments", json={"sequence_id": sequence_id, "contact_ids": people[:1]})
    api.post(f"/v1/sequences/{sequence_id}/switch", json={"status": "active"})
    assert look(store, settings, Look(sequence_id, family.agency.organization_id)).sent == 1
    (line,) = api.get("/v1/enrolments", params={"filter": f"sequence_id:eq:{sequence_id}"}).json()["items"]
    act = f"/v1/enrolments/{line['enrolment_id']}/act"
    api.post(act, json={"act": "pause"})
    clock.now += timedelta(minutes=15)
    assert Engine(store, settings, clock=clock).drain() == 0
    api.post(act, json={"act": "resume"})
    assert Engine(store, settings, clock=clock).drain() == 1


def test_a_password_goes_in_and_never_comes_out(admin, api):
    server = {"host": "smtp.agency.example", "port": 465, "username": "ada"}
    sent = {"address": "ada@agency.example", "smtp": server, "smtp_password": "hunter2-secret"}
    made = admin.post("/v1/mailboxes", json=sent)
    assert made.json()["has_smtp_password"]
    assert api.post("/v1/mailboxes", json=sent).status_code == 403
    path = f"/v1/mailboxes/{made.json()['mailbox_id']}"
    moved = admin.patch(path, json={"smtp": {**server, "host": "evil.example"}})
    assert not moved.json()["has_smtp_password"], "secrets are not sent to another server"
    for answer in (made, moved, admin.get("/v1/mailboxes"), admin.get("/v1/audit")):
        assert "hunter2-secret" not in answer.text
    assert admin.post(f"{path}/switch", json={"status": "paused"}).json()["status"] == "paused"


def test_a_test_send_says_what_came_of_it(admin, mailbox, settings):
    answer = admin.post(f"/v1/mailboxes/{mailbox['mailbox_id']}/test", json={"to": "me@agency.example"}).json()
    assert (answer["is_accepted"], answer["text"]) == (True, "kept as a file; nothing left this machine")
    (kept,) = (settings.data.dir / FOLDER).glob("*.eml")
    assert b"To: me@agency.example" in kept.read_bytes()


def test_another_tenant_sees_and_touches_nothing(sign_in, stranger, sequence, mailbox, people):
    eve = sign_in(stranger.organization_id, Role.OWNER)
    sequence_id = sequence["sequence_id"]
    assert eve.get("/v1/sequences").json()["items"] == eve.get("/v1/mailboxes").json()["items"] == []
    asked = [
        eve.get(f"/v1/sequences/{sequence_id}"),
        eve.put(f"/v1/sequences/{sequence_id}", json={"source": SOURCE}),
        eve.post(f"/v1/sequences/{sequence_id}/switch", json={"status": "active"}),
        eve.post(f"/v1/sequences/{sequence_id}/dry-run", json={"contact_ids": people}),
        eve.get(f"/v1/sequences/{sequence_id}/diagnosis"),
        eve.get(f"/v1/sequences/{sequence_id}/messages"),
        eve.post("/v1/enrolments", json={"sequence_id": sequence_id, "contact_ids": people}),
        eve.patch(f"/v1/mailboxes/{mailbox['mailbox_id']}", json={"signature": "x"}),
        eve.post(f"/v1/mailboxes/{mailbox['mailbox_id']}/test", json={"to": "eve@x.example"}),
    ]
    assert {answer.status_code for answer in asked} == {404}
    own = eve.post("/v1/sequences", json={"source": SOURCE}).json()
    found = eve.post("/v1/enrolments", json={"sequence_id": own["sequence_id"], "contact_ids": people}).json()
    assert found == {"enrolled": 0, "refused": {"unknown_contact": people}}

"""The queue of duplicates over HTTP: found, merged, kept apart, accepted together, and taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.decisions import DecisionKind
from domain.duplicates import ProposalStatus, RecordKind, fingerprint_of
from domain.tenancy import Role, Scope
from serving.jobs import accept_duplicates, find_duplicates
from serving.jobs.base import JobContext
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.duplicates import Duplicates
from storage.ops.repositories.jobs import Jobs
from tests.factories import SYSTEM, TESTER, make_contact

SAID = [
    {"comparison": "prior", "level": "prior", "weight": -9.0},
    {"comparison": "company", "level": "differs", "weight": -2.0},
    {"comparison": "phone", "level": "same", "weight": 14.5},
]


@pytest.fixture
def scope(family):
    return Scope.of(family.agency.organization_id)


def pair_of(store, scope, *, probability=0.97, number=0):
    """Two contacts and their proposal's id."""
    ours = scope.organization_id
    one = make_contact(store, ours, email=f"ada{number}@lovelace.example", first_name="Ada", phone="+44 20 7946 0000")
    two = make_contact(store, ours, email=f"a.lovelace{number}@work.example", first_name="Augusta")
    left, right = sorted((one.contact_id, two.contact_id))
    with store.write(scope, TESTER) as work:
        (made,) = Duplicates(work).add(
            [
                {"entity": "contact", "left_id": left, "right_id": right, "status": "open", "reason": "",
                 "probability": probability, "weight": 5.0, "evidence": SAID, "model_version": "test",
                 "fingerprint": Duplicates(work).fingerprint(RecordKind.CONTACT, left, right)}
            ]
        )  # fmt: skip
    return made["duplicate_proposal_id"], left, right


def context_of(store, settings, clock, scope):
    return JobContext(store, settings, clock, scope.organization_id, "job")


def statuses(api, **params):
    return [item["status"] for item in api.get("/v1/duplicates", params=params).json()["items"]]


def test_a_pair_is_shown_with_what_speaks_for_it(api, store, scope):
    proposal_id, left, _ = pair_of(store, scope)
    pair_of(store, scope, probability=0.6, number=1)
    listed = api.get("/v1/duplicates", params={"filter": "status:eq:open"}).json()
    assert [item["probability"] for item in listed["items"]] == [0.97, 0.6]
    assert api.get("/v1/duplicates", params={"filter": "probability:gte:0.9"}).json()["total"] == 1
    shown = api.get(f"/v1/duplicates/{proposal_id}").json()
    assert [(each["comparison"], each["weight"]) for each in shown["evidence"]] == [
        ("prior", -9.0), ("phone", 14.5), ("company", -2.0),
    ]  # fmt: skip
    assert shown["evidence"][1]["words"] == "Phone: the same number"
    assert shown["left"]["id"] == left
    counts = api.get("/v1/duplicates/counts").json()
    assert (counts["contact"], counts["company"], counts["acceptable"]) == (2, 0, 1)


def test_a_pair_is_merged_and_taken_back_with_a_line_for_each(api, store, scope):
    proposal_id, left, right = pair_of(store, scope)
    etag = api.get(f"/v1/duplicates/{proposal_id}").headers["etag"]
    body = {"survivor_id": left, "choices": {"first_name": "survivor"}}
    merged = api.post(f"/v1/duplicates/{proposal_id}/merge", json=body, headers={"If-Match": etag})
    assert (merged.status_code, merged.json()["status"]) == (200, "merged")
    assert api.get(f"/v1/contacts/{right}").json()["contact_id"] == left
    assert api.post(f"/v1/duplicates/{proposal_id}/merge", json=body, headers={"If-Match": etag}).status_code == 412
    assert api.post(f"/v1/duplicates/{proposal_id}/merge", json=body).status_code == 409
    undone = api.post(f"/v1/duplicates/{proposal_id}/undo").json()
    assert (undone["status"], undone["reason"]) == ("dismissed", "undone")
    assert api.get(f"/v1/contacts/{right}").json()["contact_id"] == right
    with store.read(scope) as work:
        for contact_id, outcome in ((left, "merged"), (right, "merged_into")):
            lines = [one for one in Decisions(work).about("contact", contact_id) if one.kind == DecisionKind.MERGE]
            assert [(one.outcome, one.reason) for one in lines] == [("undone", "asked_for"), (outcome, "by_hand")]
            assert lines[1].detail["probability"] == 0.97
        assert [one.action for one in Audit(work).about("contact", left)] == ["unmerge", "merge"]


def test_two_that_are_kept_apart_return_only_once_one_of_them_says_something_else(api, store, scope, settings, clock):
    ours = scope.organization_id
    one = make_contact(
        store, ours, email="ada@lovelace.example", first_name="Ada", last_name="King", phone="+442079460000"
    )
    make_contact(
        store, ours, email="ada+news@lovelace.example", first_name="Ada", last_name="King", phone="+442079460000"
    )
    context = context_of(store, settings, clock, scope)
    find_duplicates.run(context, {"entity": "contact"})
    (found,) = api.get("/v1/duplicates").json()["items"]
    assert found["status"] == "open"
    kept = api.post(f"/v1/duplicates/{found['duplicate_proposal_id']}/dismiss", json={"reason": "mother and daughter"})
    assert (kept.json()["status"], kept.json()["reason"]) == ("dismissed", "mother and daughter")
    find_duplicates.run(context, {"entity": "contact"})
    assert statuses(api) == ["dismissed"]
    clock.now += timedelta(hours=1)
    with store.write(scope, TESTER) as work:
        Duplicates(work).records(RecordKind.CONTACT, [one.contact_id])[one.contact_id].phone = "+44 20 7946 0001"
    find_duplicates.run(context, {"entity": "contact"})
    assert statuses(api) == ["open"]
    with store.read(scope) as work:
        lines = Decisions(work).about("contact", found["right"]["id"])
        assert [line.outcome for line in lines if line.kind == DecisionKind.DUPLICATE] == [
            "proposed_again", "dismissed", "proposed",
        ]  # fmt: skip
        assert Audit(work).about("duplicate", found["duplicate_proposal_id"])[0].action == "dismiss"


def test_many_are_accepted_in_one_explicit_act_and_taken_back_in_one(api, store, scope, settings, clock):
    pairs = [pair_of(store, scope, number=number) for number in range(3)]
    unsure = pair_of(store, scope, probability=0.8, number=9)
    assert (
        api.post("/v1/duplicates/accept", json={"entity": "contact", "min_probability": 0.5, "count": 4}).status_code
        == 422
    )
    wanted = {"entity": "contact", "min_probability": 0.95, "count": 2}
    assert api.post("/v1/duplicates/accept", json=wanted).status_code == 409
    accepted = api.post("/v1/duplicates/accept", json=wanted | {"count": 3}).json()
    run_waiting(store, settings, clock, scope)
    assert {each: api.get(f"/v1/duplicates/{each[0]}").json()["status"] for each in (*pairs, unsure)} == {
        **dict.fromkeys(pairs, "merged"), unsure: "open",
    }  # fmt: skip
    assert api.post(f"/v1/duplicates/batches/{accepted['batch_id']}/undo").json()["accepted_count"] == 3
    run_waiting(store, settings, clock, scope)
    for proposal_id, left, right in pairs:
        assert api.get(f"/v1/duplicates/{proposal_id}").json()["status"] == "dismissed"
        assert [api.get(f"/v1/contacts/{each}").json()["contact_id"] for each in (left, right)] == [left, right]
    assert api.post(f"/v1/duplicates/batches/{accepted['batch_id']}/undo").status_code == 422


def run_waiting(store, settings, clock, scope):
    """Carries the acceptances out that wait for the worker."""
    with store.write(SYSTEM, TESTER) as work:
        until = clock.now + timedelta(minutes=1)
        jobs = Jobs(work).claim("test", limit=50, now=clock.now, leased_until=until, only=[accept_duplicates.KIND])
    for job in jobs:
        accept_duplicates.run(context_of(store, settings, clock, scope), job.payload)
        with store.write(SYSTEM, TESTER) as work:
            Jobs(work).complete([job.job_id], "test", now=clock.now)


def test_a_merge_made_elsewhere_closes_the_pair_and_hands_others_to_the_survivor(api, store, scope):
    proposal_id, left, right = pair_of(store, scope)
    third = make_contact(store, scope.organization_id, email="third@lovelace.example").contact_id
    with store.write(scope, TESTER) as work:
        one, other = sorted((right, third))
        Duplicates(work).add(
            [
                {
                    "entity": "contact",
                    "left_id": one,
                    "right_id": other,
                    "probability": 0.7,
                    "weight": 1.0,
                    "evidence": SAID,
                }
            ]
        )
    assert api.post(f"/v1/contacts/{left}/merge", json={"contact_id": right}).status_code == 201
    assert api.get(f"/v1/duplicates/{proposal_id}").json()["status"] == "merged"
    (open_one,) = api.get("/v1/duplicates", params={"filter": "status:eq:open"}).json()["items"]
    assert {open_one["left"]["id"], open_one["right"]["id"]} == {left, third}


def test_nobody_decides_about_pairs_of_others_or_without_the_right_to(api, sign_in, store, family, stranger, scope):
    proposal_id, *_ = pair_of(store, scope)
    elsewhere, looking = sign_in(stranger.organization_id), sign_in(family.agency.organization_id, Role.VIEWER)
    for act in ("merge", "dismiss", "undo"):
        assert elsewhere.post(f"/v1/duplicates/{proposal_id}/{act}", json={}).status_code == 404
        assert looking.post(f"/v1/duplicates/{proposal_id}/{act}", json={}).status_code == 403
    assert elsewhere.get("/v1/duplicates").json()["items"] == []
    assert api.get(f"/v1/duplicates/{proposal_id}").json()["status"] == ProposalStatus.OPEN


def test_what_two_say_is_one_fingerprint_in_either_order():
    ada, eve = {"first_name": "Ada", "email": None}, {"first_name": "Eve", "phone": "1"}
    assert fingerprint_of(RecordKind.CONTACT, ada, eve) == fingerprint_of(RecordKind.CONTACT, eve, ada)
    assert fingerprint_of(RecordKind.CONTACT, ada, eve) != fingerprint_of(RecordKind.CONTACT, ada, eve | {"phone": "2"})

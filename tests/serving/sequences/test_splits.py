"""What may be concluded of the A/B steps of a sequence, over the API."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.tenancy import Role
from tests.factories.outreach import make_sequence
from tests.factories.splits import make_split_sequence, write_to


@pytest.fixture
def sequence(store, family):
    return make_split_sequence(store, family.agency.organization_id)


@pytest.fixture
def long_ago(clock):
    return clock() - timedelta(days=30)


def reading(api, sequence, **asked):
    answer = api.get(f"/v1/sequences/{sequence.sequence_id}/splits", params=asked)
    assert answer.status_code == 200, answer.text
    (found,) = answer.json()["items"]
    return found


def arms_of(found, name):
    return {arm["arm_id"]: arm[name] for arm in found["arms"]}


def test_a_clear_difference_in_answers_names_the_better_arm(api, store, sequence, long_ago):
    write_to(store, sequence, "plain", 400, sent_at=long_ago, replied=12)
    write_to(store, sequence, "bold", 400, sent_at=long_ago, replied=60)
    found = reading(api, sequence)
    assert (found["outcome"], found["arm_id"]) == ("better", "bold")
    assert arms_of(found, "successes") == {"plain": 12, "bold": 60}
    assert found["arms"][1]["difference_low"] > 0


def test_of_few_nobody_can_know_and_messages_of_yesterday_wait(api, store, sequence, long_ago, clock):
    write_to(store, sequence, "plain", 30, sent_at=long_ago, replied=2)
    write_to(store, sequence, "bold", 30, sent_at=long_ago, replied=3)
    write_to(store, sequence, "bold", 20, sent_at=clock() - timedelta(days=2), replied=9)
    write_to(store, sequence, "plain", 20, sent_at=clock() - timedelta(days=2))
    found = reading(api, sequence)
    assert (found["outcome"], found["reason"]) == ("unknown", "undecided")
    assert found["missing"] > 0
    assert arms_of(found, "exposed") == {"plain": 50, "bold": 50}
    assert arms_of(found, "matured") == {"plain": 30, "bold": 30}
    assert arms_of(found, "successes") == {"plain": 2, "bold": 3}


def test_a_company_is_one_unit_however_many_of_it_answer(api, store, sequence, long_ago):
    write_to(store, sequence, "plain", 40, sent_at=long_ago, replied=8, per_company=4)
    write_to(store, sequence, "bold", 40, sent_at=long_ago, per_company=4)
    found = reading(api, sequence)
    assert arms_of(found, "exposed") == {"plain": 10, "bold": 10}
    assert arms_of(found, "successes") == {"plain": 2, "bold": 0}


def test_companies_that_were_dealt_apart_are_counted_nowhere(api, store, sequence, long_ago):
    companies = write_to(store, sequence, "plain", 10, sent_at=long_ago)
    write_to(store, sequence, "bold", 3, sent_at=long_ago, company_ids=companies[:3])
    found = reading(api, sequence)
    assert found["clash_count"] == 3
    assert arms_of(found, "exposed") == {"plain": 7, "bold": 0}


def test_a_split_that_was_not_dealt_by_its_weights_says_nothing_else(api, store, sequence, long_ago):
    write_to(store, sequence, "plain", 300, sent_at=long_ago, replied=3)
    write_to(store, sequence, "bold", 150, sent_at=long_ago, replied=60)
    found = reading(api, sequence)
    assert (found["outcome"], found["reason"]) == ("invalid", "split_mismatch")
    assert found["split_p_value"] < 0.01


def test_an_arm_that_bounces_more_is_harm_however_often_it_is_answered(api, store, sequence, long_ago):
    write_to(store, sequence, "plain", 300, sent_at=long_ago, replied=9)
    write_to(store, sequence, "bold", 300, sent_at=long_ago, replied=60, bounced=40)
    found = reading(api, sequence)
    assert (found["outcome"], found["reason"], found["arm_id"]) == ("harm", "more_bounced", "bold")


def test_only_answers_that_want_more_count_where_that_is_asked(api, store, sequence, long_ago):
    write_to(store, sequence, "plain", 50, sent_at=long_ago, replied=10, intent="not_interested")
    write_to(store, sequence, "bold", 50, sent_at=long_ago, replied=4, intent="interested")
    assert arms_of(reading(api, sequence), "successes") == {"plain": 10, "bold": 4}
    assert arms_of(reading(api, sequence, goal="positive_reply"), "successes") == {"plain": 0, "bold": 4}


def test_before_anything_left_nothing_has_matured_and_a_stranger_finds_no_such_sequence(
    api, sequence, sign_in, stranger
):
    assert reading(api, sequence)["reason"] == "nothing_matured"
    eve = sign_in(stranger.organization_id, Role.ADMIN)
    assert eve.get(f"/v1/sequences/{sequence.sequence_id}/splits").status_code == 404


def test_a_sequence_without_arms_has_nothing_to_conclude(api, store, family):
    made = make_sequence(store, family.agency.organization_id)
    assert api.get(f"/v1/sequences/{made.sequence_id}/splits").json() == {"items": []}

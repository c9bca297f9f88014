"""The same request under the same Idempotency-Key is carried out once, whatever happens to its answer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from domain.tenancy import Scope
from storage.ops.repositories.forms import Forms
from storage.ops.repositories.idempotency_keys import LEASE, AnswerLost, IdempotencyKeys
from storage.ops.requests import carrying_out
from tests.factories import TESTER

FORM = {
    "name": "Contact us",
    "fields": [{"key": "email", "label": "E-mail", "type": "email", "maps_to": "email", "required": True}],
}


@pytest.fixture
def scope(family) -> Scope:
    return Scope.of(family.agency.organization_id)


def forms_of(store, scope) -> list[str]:
    with store.read(scope) as work:
        return [form.form_id for form in Forms(work).all()]


def post(api, key="k1", body=FORM, **headers):
    return api.post("/v1/forms", json=body, headers={"Idempotency-Key": key, **headers})


def test_sent_twice_it_is_done_once_and_answered_alike(api, store, scope):
    first, again = post(api), post(api)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert len(forms_of(store, scope)) == 1


def test_without_a_key_each_is_its_own(api, store, scope):
    assert [api.post("/v1/forms", json=FORM).status_code for _ in range(2)] == [201, 201]
    assert len(forms_of(store, scope)) == 2


def test_a_key_for_another_request_is_refused(api):
    post(api)
    answer = post(api, body={**FORM, "name": "Another"})
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


def test_a_refused_request_leaves_the_key_free_for_the_corrected_one(api):
    assert post(api, body={"name": "No fields"}).status_code == 422
    assert post(api).status_code == 201


def test_two_people_may_use_one_key(api, sign_in, family, store, scope):
    assert post(api).status_code == post(sign_in(family.agency.organization_id)).status_code == 201
    assert len(forms_of(store, scope)) == 2


def test_many_at_once_are_done_once(api, store, scope):
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: post(api), range(12)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {"request_in_flight"}
    assert len({answer.json()["form_id"] for answer in answers if answer.status_code == 201}) == 1
    assert len(forms_of(store, scope)) == 1


def test_a_crash_before_the_work_was_saved_lets_a_later_try_do_it(store, scope, clock):
    with store.write(scope, TESTER) as work:
        first = IdempotencyKeys(work).reserve("user:ada", "k1", "hash")
    clock.now += LEASE + timedelta(seconds=1)
    with store.write(scope, TESTER) as work:
        assert IdempotencyKeys(work).reserve("user:ada", "k1", "hash") == first


def test_a_crash_after_the_work_was_saved_is_told_and_nothing_is_done_again(store, scope, clock):
    with store.write(scope, TESTER) as work:
        reserved = IdempotencyKeys(work).reserve("user:ada", "k1", "hash")
    with carrying_out(reserved), store.write(scope, TESTER):
        pass  # the work; then the process dies before the answer is kept
    clock.now += LEASE + timedelta(seconds=1)
    with pytest.raises(AnswerLost), store.write(scope, TESTER) as work:
        IdempotencyKeys(work).reserve("user:ada", "k1", "hash")


def test_what_is_rolled_back_is_not_done(store, scope, clock):
    with store.write(scope, TESTER) as work:
        reserved = IdempotencyKeys(work).reserve("user:ada", "k1", "hash")
    with pytest.raises(RuntimeError), carrying_out(reserved), store.write(scope, TESTER):
        raise RuntimeError
    clock.now += LEASE + timedelta(seconds=1)
    with store.write(scope, TESTER) as work:
        assert IdempotencyKeys(work).reserve("user:ada", "k1", "hash") == reserved


@pytest.mark.parametrize("key", ["", "x" * 256, "schlüssel"])
def test_a_key_that_is_none_is_refused(api, key):
    answer = api.post("/v1/forms", json=FORM, headers={"Idempotency-Key": key.encode()})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


def test_a_key_is_forgotten_after_a_day(api, clock):
    first = post(api)
    clock.now += timedelta(hours=25)
    again = api.post("/v1/forms", json=FORM, headers={"Idempotency-Key": "k1"})
    assert again.status_code in {201, 401}  # the test's login lasts a day
    assert first.json() != again.json()

"""The queue's promises, on both databases."""

from datetime import timedelta

import pytest

from domain.tenancy import Scope, SystemScope
from storage.ops.repositories.jobs import Jobs
from tests.factories import TESTER, make_organization

WORKER = SystemScope("worker")
LEASE = timedelta(seconds=60)


@pytest.fixture
def organization_id(store) -> str:
    return make_organization(store).organization_id


def enqueue(store, organization_id, kind="greet", **options) -> str:
    with store.write(Scope.of(organization_id), TESTER) as work:
        return Jobs(work).enqueue(kind, **options)


def claim(store, clock, worker="w1", *, limit=10, **filters):
    with store.write(WORKER, TESTER) as work:
        return Jobs(work).claim(worker, limit=limit, now=clock(), leased_until=clock() + LEASE, **filters)


def lapse(store, clock, max_attempts=3) -> int:
    with store.write(WORKER, TESTER) as work:
        return Jobs(work).release_lapsed(now=clock(), max_attempts=max_attempts)


def counts(store) -> dict[str, int]:
    with store.read(WORKER) as work:
        return Jobs(work).counts()


def test_a_job_is_claimed_once(store, clock, organization_id):
    job_id = enqueue(store, organization_id, payload={"n": 1}, run_at=clock())

    first = claim(store, clock)
    assert [(job.job_id, job.kind, job.payload, job.attempts) for job in first] == [(job_id, "greet", {"n": 1}, 1)]
    assert claim(store, clock, "w2") == []


def test_a_job_for_later_waits(store, clock, organization_id):
    enqueue(store, organization_id, run_at=clock() + timedelta(minutes=5))

    assert claim(store, clock) == []
    clock.now += timedelta(minutes=6)
    assert len(claim(store, clock)) == 1


def test_higher_priority_goes_first_and_then_the_older(store, clock, organization_id):
    old = enqueue(store, organization_id, run_at=clock() - timedelta(minutes=2))
    new = enqueue(store, organization_id, run_at=clock() - timedelta(minutes=1))
    urgent = enqueue(store, organization_id, run_at=clock(), priority=5)

    assert [job.job_id for job in claim(store, clock)] == [urgent, old, new]


def test_kinds_can_be_left_to_another_lane(store, clock, organization_id):
    enqueue(store, organization_id, "long", run_at=clock())
    enqueue(store, organization_id, "short", run_at=clock())

    assert [job.kind for job in claim(store, clock, without=["long"])] == ["short"]
    assert [job.kind for job in claim(store, clock, only=["long"])] == ["long"]


def test_one_job_waits_under_a_key_and_a_run_does_not_hide_what_comes_during_it(store, clock, organization_id):
    first = enqueue(store, organization_id, unique_key="score:1", run_at=clock())
    assert enqueue(store, organization_id, unique_key="score:1", run_at=clock()) == first

    claim(store, clock)
    second = enqueue(store, organization_id, unique_key="score:1", run_at=clock())
    assert second != first
    assert counts(store) == {"running": 1, "ready": 1}


def test_keys_of_two_organizations_do_not_meet(store, clock, organization_id):
    other = make_organization(store).organization_id
    enqueue(store, organization_id, unique_key="nightly", run_at=clock())
    enqueue(store, other, unique_key="nightly", run_at=clock())

    assert len(claim(store, clock)) == 2


def test_a_job_queued_in_a_unit_of_work_that_fails_was_never_there(store, clock, organization_id):
    with pytest.raises(RuntimeError), store.write(Scope.of(organization_id), TESTER) as work:
        Jobs(work).enqueue("greet")
        raise RuntimeError
    assert counts(store) == {}


def test_a_lapsed_lease_gives_the_job_back(store, clock, organization_id):
    job_id = enqueue(store, organization_id, run_at=clock())
    claim(store, clock, "dead worker")
    clock.now += LEASE + timedelta(seconds=1)

    assert lapse(store, clock) == 1
    again = claim(store, clock, "w2")
    assert [(job.job_id, job.attempts) for job in again] == [(job_id, 2)]


def test_a_lease_that_is_kept_alive_does_not_lapse(store, clock, organization_id):
    job_id = enqueue(store, organization_id, run_at=clock())
    claim(store, clock)
    clock.now += LEASE - timedelta(seconds=1)
    with store.write(WORKER, TESTER) as work:
        assert Jobs(work).extend([job_id], "w1", until=clock() + LEASE) == {job_id}
    clock.now += timedelta(seconds=30)

    assert lapse(store, clock) == 0


def test_a_job_that_keeps_killing_its_worker_becomes_a_dead_letter(store, clock, organization_id):
    enqueue(store, organization_id, run_at=clock())
    for _ in range(3):
        assert len(claim(store, clock)) == 1
        clock.now += LEASE + timedelta(seconds=1)
        lapse(store, clock)

    assert counts(store) == {"dead": 1}
    with store.read(Scope.of(organization_id)) as work:
        assert "lease_lapsed" in Jobs(work).dead()[0].last_error


def test_a_worker_that_lost_its_job_cannot_finish_it(store, clock, organization_id):
    job_id = enqueue(store, organization_id, run_at=clock())
    claim(store, clock, "slow")
    clock.now += LEASE + timedelta(seconds=1)
    lapse(store, clock)
    claim(store, clock, "quick")

    with store.write(WORKER, TESTER) as work:
        assert Jobs(work).complete([job_id], "slow", now=clock()) == 0
        assert Jobs(work).extend([job_id], "slow", until=clock() + LEASE) == set()
        assert Jobs(work).complete([job_id], "quick", now=clock()) == 1


def test_dead_letters_are_kept_with_their_reason_and_can_be_requeued(store, clock, organization_id):
    job_id = enqueue(store, organization_id, run_at=clock())
    claim(store, clock)
    with store.write(WORKER, TESTER) as work:
        Jobs(work).bury(job_id, "w1", error="provider_refused: no", now=clock())

    with store.write(Scope.of(organization_id), TESTER) as work:
        assert [job.last_error for job in Jobs(work).dead()] == ["provider_refused: no"]
        assert Jobs(work).requeue_dead([job_id]) == 1
    clock.now += timedelta(days=3650)
    assert [job.attempts for job in claim(store, clock)] == [1]


def test_another_organization_neither_sees_nor_requeues_them(store, clock, organization_id):
    other = make_organization(store).organization_id
    job_id = enqueue(store, organization_id, run_at=clock())
    claim(store, clock)
    with store.write(WORKER, TESTER) as work:
        Jobs(work).bury(job_id, "w1", error="no", now=clock())

    with store.write(Scope.of(other), TESTER) as work:
        assert Jobs(work).dead() == []
        assert Jobs(work).requeue_dead() == 0
        assert Jobs(work).get(job_id) is None


def test_jobs_done_long_ago_are_swept_and_dead_letters_stay(store, clock, organization_id):
    done, dead = (enqueue(store, organization_id, run_at=clock()) for _ in range(2))
    claim(store, clock)
    with store.write(WORKER, TESTER) as work:
        Jobs(work).complete([done], "w1", now=clock())
        Jobs(work).bury(dead, "w1", error="no", now=clock())
        assert Jobs(work).prune(finished_before=clock() + timedelta(days=1)) == 1
    assert counts(store) == {"dead": 1}

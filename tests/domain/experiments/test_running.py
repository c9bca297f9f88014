"""What may be done to an experiment when, and what it deals meanwhile."""

from __future__ import annotations

import pytest

from domain.errors import Conflict, InvalidInput
from domain.experiments.assigning import Variant
from domain.experiments.running import (
    Allocation,
    Frozen,
    Rules,
    State,
    check_change,
    check_delete,
    check_start,
    check_stop,
    deal,
)

ARMS = (Variant("now"), Variant("bold"))
MOVED = (Variant("now", 1), Variant("bold", 3))
FIXED = Rules("seed", "home", ARMS)
BANDIT = Rules("seed", "home", ARMS, Allocation.BANDIT, floor=0.2)


def test_a_draft_may_be_changed_in_everything_and_deals_nobody_anything():
    check_change(State.DRAFT, FIXED, {"unit", "metric", "arms"}, MOVED)
    assert deal(State.DRAFT, FIXED, "contact:1", held=None, adopted=None).reason == "not_running"


@pytest.mark.parametrize("field", ["key", "unit", "metric", "guardrails", "traffic", "holdout", "horizon_days"])
def test_what_decides_who_gets_what_or_what_counts_is_frozen_once_it_runs(field):
    with pytest.raises(Frozen):
        check_change(State.RUNNING, FIXED, {field}, None)
    check_change(State.RUNNING, FIXED, {"name", "hypothesis"}, None)


def test_weights_move_only_in_a_bandit_and_never_below_its_floor():
    with pytest.raises(Frozen):
        check_change(State.RUNNING, FIXED, {"arms"}, MOVED)
    check_change(State.RUNNING, BANDIT, {"arms"}, MOVED)
    with pytest.raises(InvalidInput):
        check_change(State.RUNNING, BANDIT, {"arms"}, (Variant("now", 1), Variant("bold", 9)))
    with pytest.raises(Frozen):
        check_change(State.RUNNING, BANDIT, {"arms"}, (*ARMS, Variant("third")))


def test_a_bandit_without_a_floor_cannot_be_dealt_by():
    with pytest.raises(InvalidInput):
        Rules("seed", "home", ARMS, Allocation.BANDIT, floor=0).design  # noqa: B018


def test_it_is_started_once_stopped_once_with_a_reason_and_then_stays():
    check_start(State.DRAFT)
    with pytest.raises(Conflict):
        check_start(State.RUNNING)
    check_stop(State.RUNNING, FIXED, "bold", "more people answered")
    for adopted, reason in (("bold", " "), ("unknown", "it won")):
        with pytest.raises(InvalidInput):
            check_stop(State.RUNNING, FIXED, adopted, reason)
    for state in (State.DRAFT, State.STOPPED):
        with pytest.raises(Conflict):
            check_stop(state, FIXED, None, "why not")
    with pytest.raises(Frozen):
        check_change(State.STOPPED, FIXED, {"name"}, None)
    with pytest.raises(Conflict):
        check_delete(State.STOPPED)


def test_once_decided_everybody_gets_the_arm_that_was_adopted_whatever_they_met_before():
    decided = deal(State.STOPPED, FIXED, "contact:1", held="now", adopted="bold")
    assert (decided.variant, decided.reason) == ("bold", "decided")
    assert deal(State.STOPPED, FIXED, "contact:1", held="now", adopted=None).variant is None


def test_a_bandit_that_moved_its_weights_moves_nobody_who_met_an_arm():
    moved = Rules("seed", "home", MOVED, Allocation.BANDIT, floor=0.2)
    for number in range(50):
        before = deal(State.RUNNING, BANDIT, f"u{number}", held=None, adopted=None).variant
        assert deal(State.RUNNING, moved, f"u{number}", held=before, adopted=None).variant == before

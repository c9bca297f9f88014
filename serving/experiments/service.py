"""Experiments as they are planned, started and decided; every act with its line in the audit log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from domain.decisions import DecisionKind
from domain.errors import Conflict
from domain.experiments.assigning import Variant
from domain.experiments.bandits import allocation
from domain.experiments.running import Allocation, State, check_change, check_delete, check_start, check_stop
from domain.filters import parse_filters, parse_sort
from serving import etags
from serving.assignments.dealing import rules_of
from serving.experiments.results import reading_of
from serving.experiments.schemas import ArmOut, ExperimentFields, ExperimentIn, ExperimentListOut, ExperimentOut, StopIn
from serving.ownership import require_own
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.experiments import FIELDS, NEWEST, ExperimentExposures, Experiments, Exposed
from storage.ops.repositories.listing import sortable, types_of
from storage.ops.store import Work
from storage.ops.tables import Experiment

RULE_VERSION = "experiments/1"
MAY_BE_EMPTY = frozenset({"base_rate"})
SHOWN_IN_AUDIT = (
    "key", "name", "state", "unit", "arms", "metric", "guardrails", "allocation", "floor", "traffic", "holdout",
    "horizon_days", "least_lift", "base_rate", "adopted_arm", "stop_reason",
)  # fmt: skip


def list_experiments(
    work: Work, filters: Sequence[str], sort: str, *, limit: int, cursor: str | None
) -> ExperimentListOut:
    found = Experiments(work).page(
        parse_filters(filters, types_of(FIELDS)),
        sort=parse_sort(sort, sortable(FIELDS), NEWEST),
        limit=limit,
        cursor=cursor,
    )
    counts = ExperimentExposures(work).counts([one.experiment_id for one in found.rows])
    return ExperimentListOut(
        items=[shown(one, counts.get(one.experiment_id, Exposed())) for one in found.rows],
        next_cursor=found.next_cursor,
        total=found.total,
    )


def read(work: Work, experiment_id: str) -> ExperimentOut:
    return _out(work, Experiments(work).get(experiment_id))


def create(work: Work, body: ExperimentIn) -> ExperimentOut:
    fields = body.model_dump(mode="json")
    made = Experiments(work).add(fields.pop("key"), fields)
    rules_of(made).design  # noqa: B018  raises for what cannot be dealt
    Audit(work).record("create", "experiment", made.experiment_id, after=_kept(made))
    return _out(work, made)


def change(work: Work, experiment_id: str, body: ExperimentFields, if_match: str | None) -> ExperimentOut:
    found = _own(work, experiment_id, if_match)
    sent = {
        name: value
        for name, value in body.model_dump(mode="json", include=body.model_fields_set).items()
        if (value is not None or name in MAY_BE_EMPTY) and value != getattr(found, name)
    }
    if not sent:
        return _out(work, found)
    variants = [Variant(arm["key"], arm["weight"]) for arm in sent["arms"]] if "arms" in sent else None
    check_change(State(found.state), rules_of(found), sent.keys(), variants)
    before = _kept(found)
    if variants is not None and found.state == State.RUNNING:
        sent["reallocated_at"] = work.now()
    Experiments(work).change(found, sent)
    rules_of(found).design  # noqa: B018
    Audit(work).record("change", "experiment", experiment_id, before=before, after=_kept(found))
    return _out(work, found)


def delete(work: Work, experiment_id: str, if_match: str | None) -> None:
    found = _own(work, experiment_id, if_match)
    check_delete(State(found.state))
    Audit(work).record("delete", "experiment", experiment_id, before=_kept(found))
    Experiments(work).delete(found)


def start(work: Work, experiment_id: str, if_match: str | None) -> ExperimentOut:
    found = _own(work, experiment_id, if_match)
    check_start(State(found.state))
    Experiments(work).change(found, {"state": State.RUNNING.value, "started_at": work.now()})
    Audit(work).record("start", "experiment", experiment_id, after=_kept(found))
    return _out(work, found)


def stop(work: Work, experiment_id: str, body: StopIn, if_match: str | None) -> ExperimentOut:
    """Decided by a person, with what could be concluded at that moment kept beside their reason."""
    found = _own(work, experiment_id, if_match)
    check_stop(State(found.state), rules_of(found), body.adopted_arm, body.reason)
    reading = reading_of(work, found).reading
    before = _kept(found)
    Experiments(work).change(
        found,
        {
            "state": State.STOPPED.value,
            "stopped_at": work.now(),
            "adopted_arm": body.adopted_arm,
            "stop_reason": body.reason.strip(),
            "stopped_by": work.actor.id,
        },
    )
    Decisions(work).record(
        DecisionKind.EXPERIMENT, "experiment", experiment_id, "adopted" if body.adopted_arm else "stopped",
        "said_by_a_person",
        {
            "adopted_arm": body.adopted_arm, "why": found.stop_reason, "read_as": reading.outcome.value,
            "read_because": reading.reason, "best": reading.key, "key": found.key,
        },
        RULE_VERSION, is_act=True,
    )  # fmt: skip
    Audit(work).record("stop", "experiment", experiment_id, before=before, after=_kept(found))
    return _out(work, found)


def reallocate(work: Work, experiment_id: str, if_match: str | None) -> ExperimentOut:
    """New weights for a bandit, by the chance of each arm to be the best; only outcomes that are in count.

    Raises Conflict for one that is no bandit or does not run, or where no outcome is in yet.
    """
    found = _own(work, experiment_id, if_match)
    if found.allocation != Allocation.BANDIT or found.state != State.RUNNING:
        raise Conflict("only the weights of a bandit that runs are moved")
    current = reading_of(work, found)
    tallies = {arm.key: arm.matured for arm in current.counts.arms}
    if not any(tally.successes for tally in tallies.values()):
        raise Conflict("no success is in yet, so nothing seems best", hint=f"Outcomes take {found.horizon_days} days.")
    shares = allocation(tallies, current.terms.prior, floor=found.floor)
    before = _kept(found)
    arms = [{"key": key, "weight": round(share, 6)} for key, share in shares.items()]
    Experiments(work).change(found, {"arms": arms, "reallocated_at": work.now()})
    Decisions(work).record(
        DecisionKind.EXPERIMENT, "experiment", experiment_id, "reallocated", "chance_to_be_best",
        {"weights": {arm["key"]: arm["weight"] for arm in arms},
         "counts": {key: [tally.successes, tally.total] for key, tally in tallies.items()}, "key": found.key},
        RULE_VERSION, is_act=True,
    )  # fmt: skip
    Audit(work).record("reallocate", "experiment", experiment_id, before=before, after=_kept(found))
    return _out(work, found)


def shown(one: Experiment, exposed: Exposed) -> ExperimentOut:
    columns = {name: getattr(one, name) for name in ExperimentOut.model_fields if hasattr(one, name)}
    return ExperimentOut(
        **columns | {"arms": [ArmOut(**arm) for arm in one.arms]},
        exposure_count=exposed.count,
        etag=etags.etag_of(one.updated_at),
    )


def _own(work: Work, experiment_id: str, if_match: str | None) -> Experiment:
    found = Experiments(work).get(experiment_id)
    require_own(work, found.organization_id, "experiment")
    etags.check(if_match, found.updated_at)
    return found


def _out(work: Work, one: Experiment) -> ExperimentOut:
    return shown(one, ExperimentExposures(work).counts([one.experiment_id]).get(one.experiment_id, Exposed()))


def _kept(one: Experiment) -> Mapping[str, Any]:
    return {name: getattr(one, name) for name in SHOWN_IN_AUDIT}

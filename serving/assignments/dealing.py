"""Deals arms of experiments and logs who met which: the same arm for the same somebody, however they are recognised.

A browser is one subject until it is known whose it is; then the person (and, where companies are dealt, their company) is
one more subject of the same unit, which keeps what any of them was dealt first.
"""

from __future__ import annotations

from dataclasses import dataclass

from domain.contacts import EmailAddress
from domain.errors import NotFound
from domain.experiments.assigning import Assignment, Unit, Variant
from domain.experiments.running import Allocation, Rules, State, deal
from domain.tenancy import Actor, Scope
from storage.ops.repositories.contacts import Contacts
from storage.ops.repositories.experiment_facts import BROWSER, FIRM, PERSON, ExperimentFacts
from storage.ops.repositories.experiments import ExperimentExposures, Experiments
from storage.ops.store import Store, Work
from storage.ops.tables import Experiment


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom an arm is asked for; one of them. `may_link`: whether a browser may be told to be a person's."""

    anonymous_id: str | None = None
    contact_id: str | None = None
    company_id: str | None = None
    email: EmailAddress | None = None
    may_link: bool = True


@dataclass(frozen=True, slots=True)
class Dealt:
    """An answer, and whether the log has it."""

    assignment: Assignment
    is_logged: bool


def assign_arm(store: Store, scope: Scope, actor: Actor, key: str, asked: Asked, *, is_shown: bool, via: str) -> Dealt:
    """What somebody gets, logged where it `is_shown` and new. Raises NotFound for an experiment, person or company that
    is not here."""
    with store.read(scope) as work:
        experiment = Experiments(work).called(key)
        subjects = subjects_of(work, experiment, asked)
        answer = _dealt(work, experiment, subjects)
        logged = {one.subject for one in ExperimentExposures(work).held(experiment.experiment_id, subjects)}
    is_counted = answer.arm_is_dealt and is_shown
    if not is_counted or logged == set(subjects):
        return Dealt(answer.assignment, bool(answer.arm_is_dealt and logged))
    with store.write(scope, actor) as work:
        # dealt again: weights, state or the log may have changed since, and only one answer may be logged
        experiment = Experiments(work).called(key)
        answer = _dealt(work, experiment, subjects)
        if not answer.arm_is_dealt:
            return Dealt(answer.assignment, False)
        arm = ExperimentExposures(work).expose(experiment, subjects, str(answer.assignment.variant), via)
    return Dealt(Assignment(arm, answer.assignment.reason), True)


def subjects_of(work: Work, experiment: Experiment, asked: Asked) -> list[str]:
    """Everything that somebody is one unit under; the first is what is hashed. Raises NotFound."""
    facts, organization_id = ExperimentFacts(work), experiment.organization_id
    if asked.company_id is not None:
        firm = facts.firms([asked.company_id], organization_id).get(asked.company_id)
        if firm is None or experiment.unit != Unit.COMPANY:
            raise NotFound(
                "There is no such company here." if firm is None else "This experiment deals people, not companies.",
                hint="Send the id of a contact or a browser." if firm else None,
            )
        return [f"{FIRM}{firm}"]
    browser = f"{BROWSER}{asked.anonymous_id}" if asked.anonymous_id is not None else None
    contact_id = asked.contact_id
    if asked.email is not None:
        found = Contacts(work).find_by_email(asked.email, organization_id)
        contact_id = found.contact_id if found else None
    elif browser is not None and asked.may_link:
        contact_id = facts.people_behind([browser], organization_id).get(browser)
    if contact_id is None:
        if browser is None:
            raise NotFound("There is no such contact here.")
        return [browser]
    who = facts.people([contact_id], organization_id).get(contact_id)
    if who is None:
        raise NotFound("There is no such contact here.")
    person, company_id = who
    firm = facts.firms([company_id], organization_id).get(company_id) if company_id else None
    node = f"{FIRM}{firm}" if experiment.unit == Unit.COMPANY and firm else f"{PERSON}{person}"
    return [node, browser] if browser else [node]


def rules_of(experiment: Experiment) -> Rules:
    """What an experiment deals by."""
    return Rules(
        seed=experiment.seed,
        holdout_seed=experiment.organization_id,
        variants=tuple(Variant(arm["key"], arm["weight"]) for arm in experiment.arms),
        allocation=Allocation(experiment.allocation),
        floor=experiment.floor,
        traffic=experiment.traffic,
        holdout=experiment.holdout,
    )


@dataclass(frozen=True, slots=True)
class _Answer:
    assignment: Assignment
    arm_is_dealt: bool
    """Whether the experiment runs and the arm is its own deal: then meeting it counts."""


def _dealt(work: Work, experiment: Experiment, subjects: list[str]) -> _Answer:
    state = State(experiment.state)
    log = ExperimentExposures(work).held(experiment.experiment_id, subjects)
    answer = deal(
        state, rules_of(experiment), subjects[0], held=log[0].arm if log else None, adopted=experiment.adopted_arm
    )  # fmt: skip
    return _Answer(answer, state is State.RUNNING and answer.variant is not None)

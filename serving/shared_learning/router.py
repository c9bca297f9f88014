"""/v1/models/lead-scoring/priors: what a client starts from, and who shares counts with whom."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from domain.decisions import DecisionKind
from domain.permissions import Permission
from domain.priors.chances import Chance, ClientPrior
from domain.priors.features import FEATURES
from domain.priors.switches import SUBJECT
from domain.scoring_models import MODEL_SETTING
from domain.settings import PriorSettings
from domain.tenancy import OrganizationKind
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.deps import SettingsDep, StoreDep
from serving.shared_learning.schemas import (
    ChanceOut,
    ClientsOut,
    ClientSwitchesOut,
    LevelOut,
    LimitsOut,
    PriorOut,
    PriorsOut,
    Status,
    SwitchesIn,
    SwitchesOut,
)
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.repositories.shared_learning import Held, KeptPrior, SharedLearning
from storage.ops.store import Work

router = APIRouter(prefix="/v1/models/lead-scoring/priors", tags=["models"])
ROLES = frozenset({"api", "ui"})
Viewer = Annotated[Principal, may(Permission.MODELS_READ)]
Decider = Annotated[Principal, may(Permission.MODELS_WRITE)]


@router.get("")
def read_priors(store: StoreDep, settings: SettingsDep, principal: Viewer) -> PriorsOut:
    """How the switches stand, and what the scores of new leads start from."""
    with store.read(principal.scope) as work:
        return _shown(work, settings.priors)


@router.put("")
def put_prior_switches(body: SwitchesIn, store: StoreDep, settings: SettingsDep, principal: Decider) -> PriorsOut:
    """Turns the switches of this client. What it gave is gone from all others' priors with the next build."""
    with store.write(principal.scope, principal.actor) as work:
        SharedLearning(work).switch(gives=body.gives, uses=body.uses, by=principal.email, reason=body.reason)
        return _shown(work, settings.priors)


@router.get("/clients")
def read_clients_who_share(store: StoreDep, principal: Viewer) -> ClientsOut:
    """Which clients of this agency give counts and start from them. Empty for a client."""
    with store.read(principal.scope) as work:
        shared = SharedLearning(work)
        is_agency = shared.held().organization.kind == OrganizationKind.AGENCY
        return ClientsOut(
            items=[
                ClientSwitchesOut(
                    organization_id=held.organization.organization_id,
                    name=held.organization.name,
                    switches=_switches(held),
                )
                for held in (shared.clients() if is_agency else ())
            ]
        )


def _shown(work: Work, limits: PriorSettings) -> PriorsOut:
    shared = SharedLearning(work)
    held, kept = shared.held(), shared.prior()
    return PriorsOut(
        is_client=held.organization.kind == OrganizationKind.CLIENT,
        status=_status(work, held, kept),
        switches=_switches(held),
        limits=LimitsOut(**limits.model_dump()),
        prior=_prior(kept) if kept else None,
    )


def _status(work: Work, held: Held, kept: KeptPrior | None) -> Status:
    if not held.switches.uses:
        return "off"
    if kept is not None:
        model = OrganizationSettings(work).current(MODEL_SETTING)
        return "own_model" if model and model.value.get("artifact_hash") else "in_use"
    last = Decisions(work).last(DecisionKind.PRIOR, SUBJECT, held.organization.organization_id)
    return "too_few_clients" if last is not None and last.reason == "too_few_clients" else "waiting"


def _switches(held: Held) -> SwitchesOut:
    return SwitchesOut(**held.switches.as_dict(), since=held.since)


def _prior(kept: KeptPrior) -> PriorOut:
    prior: ClientPrior = kept.prior
    chances = prior.chances()
    order = {feature: place for place, feature in enumerate(FEATURES)}
    levels = sorted(prior.levels.items(), key=lambda one: (order[one[0][0]], -one[1].people_count, one[0][1]))
    return PriorOut(
        built_at=kept.built_at,
        client_count=prior.client_count,
        people_count=prior.people_count,
        own_count=prior.own.people,
        own_good_count=prior.own.good,
        weight=prior.weight,
        chance=_chance(chances.of_anybody()),
        levels=[
            LevelOut(
                feature=cell[0],
                label=FEATURES[cell[0]],
                level=cell[1],
                chance=_chance(chances.of_level(cell)),
                client_count=level.client_count,
                people_count=level.people_count,
                own_count=level.own.people,
            )
            for cell, level in levels
        ],
    )


def _chance(found: Chance) -> ChanceOut:
    return ChanceOut(probability=found.probability, low=found.low, high=found.high)

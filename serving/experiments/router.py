"""/v1/experiments: what is tested on whom, what may be concluded of it, and what was decided."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response

from domain.permissions import Permission
from serving import etags
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.deps import StoreDep
from serving.experiments import results, service
from serving.experiments.schemas import (
    ExperimentFields,
    ExperimentIn,
    ExperimentListOut,
    ExperimentOut,
    ResultsOut,
    StopIn,
)
from serving.lists import Cursor, Filters, IfMatch, Limit, SortText

router = APIRouter(prefix="/v1/experiments", tags=["experiments"])
ROLES = frozenset({"api", "ui"})
Reader = Annotated[Principal, may(Permission.EXPERIMENTS_READ)]
Writer = Annotated[Principal, may(Permission.EXPERIMENTS_WRITE)]


@router.get("")
def list_experiments(
    *,
    store: StoreDep,
    principal: Reader,
    filters: Filters = [],  # noqa: B006  FastAPI copies it
    sort: SortText = "",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> ExperimentListOut:
    """A page of experiments, newest first unless `sort` says otherwise."""
    with store.read(principal.scope) as work:
        return service.list_experiments(work, filters, sort, limit=limit, cursor=cursor)


@router.post("", status_code=201)
def create_experiment(body: ExperimentIn, store: StoreDep, principal: Writer, response: Response) -> ExperimentOut:
    """A draft, which deals nobody anything yet. 409 where another one has its key."""
    with store.write(principal.scope, principal.actor) as work:
        return etags.tagged(response, service.create(work, body))


@router.get("/{experiment_id}")
def read_experiment(experiment_id: str, store: StoreDep, principal: Reader, response: Response) -> ExperimentOut:
    with store.read(principal.scope) as work:
        return etags.tagged(response, service.read(work, experiment_id))


@router.patch("/{experiment_id}")
def change_experiment(
    *, experiment_id: str, body: ExperimentFields, store: StoreDep, principal: Writer, response: Response,
    if_match: IfMatch = None,
) -> ExperimentOut:  # fmt: skip
    """Writes what is sent. 409 `experiment_frozen` for what decides who gets what, once it runs."""
    with store.write(principal.scope, principal.actor) as work:
        return etags.tagged(response, service.change(work, experiment_id, body, if_match))


@router.delete("/{experiment_id}", status_code=204)
def delete_experiment(
    experiment_id: str, store: StoreDep, principal: Writer, if_match: IfMatch = None
) -> Response:  # fmt: skip
    """A draft goes; 409 for what was shown to anybody."""
    with store.write(principal.scope, principal.actor) as work:
        service.delete(work, experiment_id, if_match)
    return Response(status_code=204)


@router.post("/{experiment_id}/start")
def start_experiment(
    *, experiment_id: str, store: StoreDep, principal: Writer, response: Response, if_match: IfMatch = None
) -> ExperimentOut:
    """From now on it deals arms. 409 where it was started before."""
    with store.write(principal.scope, principal.actor) as work:
        return etags.tagged(response, service.start(work, experiment_id, if_match))


@router.post("/{experiment_id}/stop")
def stop_experiment(
    *, experiment_id: str, body: StopIn, store: StoreDep, principal: Writer, response: Response,
    if_match: IfMatch = None,
) -> ExperimentOut:  # fmt: skip
    """Decides it: everybody gets `adopted_arm` from now on, and the decision is kept with its reason and with what could
    be concluded. Outcomes of those who met an arm go on being counted until their time has passed."""
    with store.write(principal.scope, principal.actor) as work:
        return etags.tagged(response, service.stop(work, experiment_id, body, if_match))


@router.post("/{experiment_id}/reallocation")
def reallocate_experiment(
    *, experiment_id: str, store: StoreDep, principal: Writer, response: Response, if_match: IfMatch = None
) -> ExperimentOut:
    """Moves the weights of a bandit by what has matured: more for what seems best, the floor at least for the others."""
    with store.write(principal.scope, principal.actor) as work:
        return etags.tagged(response, service.reallocate(work, experiment_id, if_match))


@router.get("/{experiment_id}/results")
def read_experiment_results(experiment_id: str, store: StoreDep, principal: Reader) -> ResultsOut:
    """What may be concluded now, and where nobody can know yet, what is missing and how long that takes."""
    with store.read(principal.scope) as work:
        return results.results(work, experiment_id)

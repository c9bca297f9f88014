"""A run from its start to its end: rows are listed, carried on by whoever has time, and counted. Called by jobs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from domain.clock import Clock
from domain.enrichment.answers import Outcome
from domain.enrichment.walking import Walk, replayed
from domain.enrichment.workflows import Workflow, conditions
from domain.errors import Conflict
from domain.routing import holds
from domain.settings import Settings
from domain.tenancy import Scope
from serving.enrichment.doors import Doors
from serving.enrichment.plans import plan_of
from serving.enrichment.running import ACTOR, Runner
from storage.ops.repositories.enrichment_calls import EnrichmentBudgets, EnrichmentCalls, scopes_of
from storage.ops.repositories.enrichment_runs import EnrichmentRuns
from storage.ops.repositories.enrichment_values import EnrichmentSubjects
from storage.ops.repositories.jobs import Jobs
from storage.ops.store import Store, Work
from storage.ops.tables import EnrichmentRow, EnrichmentRun, EnrichmentWorkflow

JOB = "run_enrichment"
LISTED_AT_ONCE = 500
REPLAYED_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Progress:
    """`again_at`: when somebody should carry it on; None where there is nothing to do any more."""

    again_at: datetime | None


def start(
    work: Work,
    workflow: EnrichmentWorkflow,
    trigger: str,
    *,
    most_rows: int | None = None,
    ids: Sequence[str] = (),
    is_queued: bool = True,
) -> EnrichmentRun:
    """A run of the workflow as it is now, and the job that carries it on, unless the caller does so. With `ids` it is about
    these and no others."""
    runs = EnrichmentRuns(work)
    run = runs.create(workflow.enrichment_workflow_id, workflow.version, trigger, most_rows=most_rows)
    if ids:
        subject = plan_of(work, run).workflow.subject
        there = EnrichmentSubjects(work).facts_of(subject, ids)
        runs.list_rows(run, subject, sorted(there), "")
        runs.move(run, "running")
    if is_queued:
        queue(work, run.enrichment_run_id)
    return run


def queue(work: Work, run_id: str, at: datetime | None = None, *, lead: str | None = None) -> None:
    """Has the run carried on, once, however often it is asked. `lead`: the contact for whom it is, who is scored again when
    it is over."""
    payload = {"enrichment_run_id": run_id, **({"contact_id": lead} if lead else {})}
    Jobs(work).enqueue(JOB, payload=payload, unique_key=f"{JOB}:{run_id}", run_at=at)


def carry_on(
    store: Store,
    settings: Settings,
    scope: Scope,
    run_id: str,
    doors: Doors,
    *,
    clock: Clock,
    seconds: float,
    should_stop: Callable[[], bool] = lambda: False,
) -> Progress:
    """Works on a run for about so long. Raises NotFound for one that there is not."""
    until = monotonic() + seconds
    with store.read(scope) as work:
        run = EnrichmentRuns(work).get(run_id)
        if run.status not in {"filling", "running"}:
            return Progress(None)
        plan = plan_of(work, run)
    _recover(store, scope, run_id, clock())
    while run.status == "filling" and monotonic() < until and not should_stop():
        with store.write(scope, ACTOR) as work:
            run = EnrichmentRuns(work).hold(run_id)
            if run.status == "filling":
                _list_more(work, run, plan.workflow)
        store.give_way()
    if run.status == "filling":
        return Progress(clock())
    stops = _PauseWatch(store, scope, run_id, should_stop)
    runner = Runner(
        store, settings, scope, run_id, plan, doors, clock=clock, trigger=run.trigger, should_stop=stops,
    )  # fmt: skip
    runner.carry_on(max(0.0, until - monotonic()))
    with store.write(scope, ACTOR) as work:
        return _progress(work, run_id, runner.held_by, plan.tomorrow(clock()), clock())


class _PauseWatch:
    """Whether somebody paused the run, looked at twice a second."""

    def __init__(self, store: Store, scope: Scope, run_id: str, should_stop: Callable[[], bool]) -> None:
        self._store, self._scope, self._run_id, self._should_stop = store, scope, run_id, should_stop
        self._next, self._is_paused = monotonic() + 0.5, False

    def __call__(self) -> bool:
        if monotonic() >= self._next:
            self._next = monotonic() + 0.5
            with self._store.read(self._scope) as work:
                self._is_paused = EnrichmentRuns(work).get(self._run_id).status != "running"
        return self._is_paused or self._should_stop()


def _progress(work: Work, run_id: str, held_by: str, tomorrow: datetime, now: datetime) -> Progress:
    runs = EnrichmentRuns(work)
    run = runs.hold(run_id)
    if run.status != "running":
        return Progress(None)
    if held_by == "day_ceiling":
        runs.move(run, "running", held_by, resumes_at=tomorrow)
        return Progress(tomorrow)
    if held_by:
        runs.move(run, "paused", held_by)
        return Progress(None)
    due, in_hand = runs.next_due(run_id), runs.in_hand(run_id)
    if due is None and in_hand is None:
        runs.move(run, "finished")
        return Progress(None)
    if run.reason:
        runs.move(run, "running")
    ahead = [each for each in (due, in_hand + timedelta(seconds=1) if in_hand else None) if each is not None]
    return Progress(max(now, min(ahead)))


def _list_more(work: Work, run: EnrichmentRun, workflow: Workflow) -> None:
    """The next rows of the organization that the workflow is about."""
    subjects, runs = EnrichmentSubjects(work), EnrichmentRuns(work)
    ids = subjects.ids_after(workflow.subject, run.filled_after, LISTED_AT_ONCE)
    chosen = met(work, workflow, ids)
    if run.most_rows is not None:
        chosen = chosen[: max(0, run.most_rows - run.row_count)]
    runs.list_rows(run, workflow.subject, chosen, ids[-1] if ids else run.filled_after)
    is_enough = run.most_rows is not None and run.row_count >= run.most_rows
    if len(ids) < LISTED_AT_ONCE or is_enough:
        runs.move(run, "running")


def met(work: Work, workflow: Workflow, ids: Sequence[str]) -> list[str]:
    """Those of which the workflow's conditions hold, in their order."""
    asked = conditions(workflow.subject, workflow.when)
    if not asked:
        return list(ids)
    facts = EnrichmentSubjects(work).facts_of(workflow.subject, ids)
    return [each for each in ids if each in facts and all(holds(one, facts[each].facts) for one in asked)]


def _recover(store: Store, scope: Scope, run_id: str, now: datetime) -> None:
    """Rows whose worker is gone wait again. Calls that it had out are settled: what cost nothing may be asked again; what
    may have been charged counts as spent, is shown as unknown, and is asked again only when a person says so."""
    while True:
        with store.write(scope, ACTOR) as work:
            runs, calls = EnrichmentRuns(work), EnrichmentCalls(work)
            lapsed = runs.lapsed(run_id, now)
            if not lapsed:
                return
            run = runs.get(run_id)
            out = calls.out_of([row.enrichment_row_id for row in lapsed])
            questions = calls.questions_of([call.enrichment_answer_id for call in out])
            moves: dict[str, tuple[int, int]] = {}
            spent: dict[str, int] = {}
            for call in out:
                for scope_name in scopes_of(run_id, run.enrichment_workflow_id, call.day):
                    reserved, paid = moves.get(scope_name, (0, 0))
                    moves[scope_name] = (reserved - call.reserved, paid + call.reserved)
                spent[call.enrichment_row_id] = spent.get(call.enrichment_row_id, 0) + call.reserved
            unknown = Outcome.UNKNOWN.value
            calls.settle(
                [
                    {
                        "enrichment_call_id": call.enrichment_call_id, "outcome": unknown, "cost": call.reserved,
                        "http_status": None, "problem": "the worker died while it was out", "milliseconds": None,
                        "answered_at": now,
                    }
                    for call in out
                ]
            )  # fmt: skip
            priced = [call for call in out if call.reserved and call.enrichment_answer_id in questions]
            free = [call for call in out if not call.reserved and call.enrichment_answer_id in questions]
            calls.keep(
                [
                    {
                        "question": questions[call.enrichment_answer_id], "outcome": unknown, "told": {}, "raw": None,
                        "answered_at": now,
                    }
                    for call in priced
                ]
            )  # fmt: skip
            calls.forget([questions[call.enrichment_answer_id] for call in free])
            EnrichmentBudgets(work).move(moves)
            for row in lapsed:
                row.spent += spent.get(row.enrichment_row_id, 0)
            runs.give_back(lapsed, {row.enrichment_row_id: row.walk for row in lapsed})


def pause(work: Work, run: EnrichmentRun) -> None:
    """Nothing more is asked; what is out is written when it comes. Raises Conflict for one that is over."""
    if run.status not in {"filling", "running", "paused"}:
        raise Conflict("this run is over", hint="Start another one.")
    EnrichmentRuns(work).move(run, "paused", "by_hand")


def resume(work: Work, run: EnrichmentRun) -> None:
    """Goes on where it stood. Raises Conflict for one that is not paused."""
    if run.status != "paused":
        raise Conflict("this run is not paused")
    EnrichmentRuns(work).move(run, "filling")
    queue(work, run.enrichment_run_id)


def stop(work: Work, run: EnrichmentRun) -> None:
    """Ends it. Raises Conflict for one that is over."""
    if run.status in {"finished", "stopped"}:
        raise Conflict("this run is over already")
    EnrichmentRuns(work).move(run, "stopped", "by_hand")


def replay(work: Work, run: EnrichmentRun, row_ids: Sequence[str] = ()) -> int:
    """Dead letters go back to the providers that failed; answers how many rows. What may have been charged before is paid
    for again: a person asked for it. `row_ids`: only these."""
    if run.status == "stopped":
        raise Conflict("this run was stopped", hint="Start another one: what was found is not asked again.")
    runs, calls = EnrichmentRuns(work), EnrichmentCalls(work)
    wanted, after, count = set(row_ids), "", 0
    while rows := runs.dead_letters(run.enrichment_run_id, after=after, limit=REPLAYED_AT_ONCE):
        after = rows[-1].enrichment_row_id
        chosen: list[EnrichmentRow] = [row for row in rows if not wanted or row.enrichment_row_id in wanted]
        made = calls.of_rows([row.enrichment_row_id for row in chosen])
        failed = {
            call.enrichment_answer_id for of_row in made.values() for call in of_row if not _is_answer(call.outcome)
        }
        calls.forget(list(calls.questions_of(failed).values()))
        walks = {row.enrichment_row_id: replayed(Walk.from_json(row.walk)).as_json() for row in chosen}
        runs.give_back(chosen, walks)
        count += len(chosen)
    if count:
        runs.move(run, "running")
        queue(work, run.enrichment_run_id)
    return count


def _is_answer(outcome: str) -> bool:
    return outcome in set(Outcome) and Outcome(outcome).is_answer

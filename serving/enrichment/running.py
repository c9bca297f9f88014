"""Carries a run on: claims rows, asks what is due, writes what was answered, until there is no more or its time is over.

One thread decides and writes, many ask. Each turn is one short unit of work, in which answers that came are written and the
next calls reserved: a call is made only once its intent and its money are committed, so that whoever dies in between leaves
behind what may have been bought. Nothing is asked twice at one time: rows with the same question wait for one answer.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from domain.clock import Clock
from domain.enrichment import breaker
from domain.enrichment.answers import Answer
from domain.enrichment.spending import cost, first_exceeded
from domain.enrichment.walking import Ask, next_ask, passed_over, tried, wants_again
from domain.ids import new_id
from domain.settings import Settings
from domain.tenancy import Actor, Scope
from serving.enrichment.doors import Doors
from serving.enrichment.plans import Joint, Plan
from serving.enrichment.rows import Applied, Row, apply, explain, known_answer, taken_up
from storage.ops.repositories.enrichment_calls import (
    ASKING,
    AnswerKey,
    EnrichmentBudgets,
    EnrichmentCalls,
    answer_key,
    kept_raw,
)
from storage.ops.repositories.enrichment_connections import EnrichmentConnections, circuit_of
from storage.ops.repositories.enrichment_runs import EnrichmentRuns
from storage.ops.repositories.enrichment_values import EnrichmentSubjects
from storage.ops.store import Store, Work
from storage.ops.tables import EnrichmentConnection

ACTOR = Actor.system("enrichment")
AHEAD = timedelta(seconds=1)
"""How long before its place in a provider's rate a call is reserved."""
SOMEBODY_ASKS = timedelta(seconds=2)
"""When to look again after a question that another worker asks."""
LEASE = timedelta(seconds=60)
MOST_IN_A_TURN = 100
AT_ONCE = 2
"""Calls that are reserved for each that may be out: the next one leaves while answers are written."""
GATHERED_SECONDS = 0.015
"""After the first answer: those that come meanwhile are written with it."""
WATCHED_ROWS = 200
"""Rows after which the fill rate is looked at."""


@dataclass(slots=True)
class _Result:
    row: Row
    answer: Answer
    milliseconds: int
    at: datetime


class Runner:
    """One run in one thread, with `pool` to ask by. `should_stop` is asked between turns."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        scope: Scope,
        run_id: str,
        plan: Plan,
        doors: Doors,
        *,
        clock: Clock,
        trigger: str,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self._store, self._scope, self._run_id, self._plan = store, scope, run_id, plan
        self._doors, self._clock, self._trigger, self._should_stop = doors, clock, trigger, should_stop
        self._most_out = settings.enrichment.concurrent
        self._gate = threading.Semaphore(self._most_out)
        self._worker = new_id()
        self._ready: deque[Row] = deque()
        self._out: dict[Future[tuple[Answer, int]], Row] = {}
        self._same: dict[AnswerKey, list[Row]] = {}
        """Rows that wait for the answer to a question that is out for another one."""
        self._over: list[Row] = []
        self._later: list[tuple[Row, datetime]] = []
        self._is_dry = False
        """Whether there was nothing left to claim."""
        self._held_by = ""
        """The limit that stops the whole run."""
        self._hash_key = b""
        self._defined: set[str] = set()

    @property
    def held_by(self) -> str:
        """Which limit stopped it: `run_ceiling`, `day_ceiling`, `month_ceiling`, `fill_rate`; empty for none."""
        return self._held_by

    def carry_on(self, seconds: float) -> None:
        """Until nothing is due, time is over, or a limit is reached. What is out is waited for and written; rows in hand
        are given back where they stand."""
        until = time.monotonic() + seconds
        watch_at = extend_at = time.monotonic() + LEASE.total_seconds() / 3
        with ThreadPoolExecutor(AT_ONCE * self._most_out, thread_name_prefix="enrichment") as pool:
            results: list[_Result] = []
            while True:
                is_ending = time.monotonic() >= until or self._should_stop() or bool(self._held_by)
                for row, joint, leaves in self._turn(results, is_ending=is_ending):
                    self._out[pool.submit(self._call, joint, row.ask, leaves)] = row
                if not self._out and (is_ending or (self._is_dry and not self._ready)):
                    break
                results = self._came()
                if time.monotonic() >= extend_at:
                    extend_at = time.monotonic() + LEASE.total_seconds() / 3
                    self._extend()
                if time.monotonic() >= watch_at:
                    watch_at = time.monotonic() + 5
                    self._watch_fill_rate()
        self._give_back()

    def _call(self, joint: Joint, ask: Ask | None, leaves: datetime) -> tuple[Answer, int]:
        assert ask is not None
        pause = (leaves - self._clock()).total_seconds()
        if pause > 0:
            time.sleep(min(pause, AHEAD.total_seconds()))
        with self._gate:
            return self._doors.call(self._store, self._scope, joint, ask)

    def _came(self) -> list[_Result]:
        """Answers that came; where none has, a short wait for the first one."""
        if not self._out:
            time.sleep(0.05)  # rows wait for their place in a rate
            return []
        done, _ = wait(self._out, timeout=0.25, return_when=FIRST_COMPLETED)
        if done and len(done) < len(self._out):
            time.sleep(GATHERED_SECONDS)
            done = {each for each in self._out if each.done()}
        now = self._clock()
        return [_Result(self._out.pop(each), *each.result(), now) for each in done]

    def _turn(self, results: Sequence[_Result], *, is_ending: bool) -> list[tuple[Row, Joint, datetime]]:
        """One unit of work; answers the calls that it reserved, to be made now that it is committed."""
        now = self._clock()
        with self._store.write(self._scope, ACTOR) as work:
            self._hash_key = self._hash_key or EnrichmentCalls(work).hash_key()
            connections = EnrichmentConnections(work).hold_all()
            self._settle(work, results, connections)
            reserved: list[tuple[Row, Joint, datetime]] = []
            if not is_ending:
                self._claim(work, now)
                reserved = self._reserve(work, self._asks(work, connections, now), connections, now)
            over, self._over = self._over, []
            later, self._later = self._later, []
            runs = EnrichmentRuns(work)
            runs.settle(
                [row.settled(row.status, now) for row in over] + [row.settled("waiting", at) for row, at in later],
                self._worker,
            )
            explain(work, self._plan.workflow.subject, self._run_id, over, self._plan.currency)
        return reserved

    # what came ---------------------------------------------------------------------------------------------------------

    def _settle(self, work: Work, results: Sequence[_Result], connections: dict[str, EnrichmentConnection]) -> None:
        """Writes answers, their price, and what they say of the provider."""
        if not results:
            return
        calls, keeping = EnrichmentCalls(work), EnrichmentConnections(work)
        settled: list[dict[str, Any]] = []
        kept: list[dict[str, Any]] = []
        forgotten: list[AnswerKey] = []
        moves: dict[str, tuple[int, int]] = {}
        applied: list[Applied] = []
        ids = calls.answers({result.row.question for result in results if result.row.question})
        still_out = calls.still_out([result.row.call_id for result in results])
        for result in results:
            row, answer = result.row, result.answer
            ask, question = row.ask, row.question
            assert ask is not None
            assert question is not None
            joint = self._plan.joints[ask.connection]
            paid = cost(ask.operation, joint.per_unit, answer) if ask.price or answer.units else 0
            settled.append(
                {
                    "enrichment_call_id": row.call_id, "outcome": answer.outcome.value, "cost": paid,
                    "http_status": answer.status, "problem": answer.problem[:300], "milliseconds": result.milliseconds,
                    "answered_at": result.at,
                }
            )  # fmt: skip
            for scope in row.scopes if row.call_id in still_out else ():
                reserved, spent = moves.get(scope, (0, 0))
                moves[scope] = (reserved - ask.price, spent + paid)
            if (connection := connections.get(ask.connection_id)) is not None:
                self._note(keeping, connection, answer, result.at)
            is_doubtful = answer.outcome.may_be_charged and paid > 0
            if answer.outcome.is_answer or is_doubtful:
                told = {name: [told.value, told.confidence] for name, told in answer.told.items()}
                kept.append(
                    {
                        "question": question, "outcome": answer.outcome.value, "told": told,
                        "raw": kept_raw(answer.raw, len(str(answer.raw))), "answered_at": result.at,
                    }
                )  # fmt: skip
            else:
                forgotten.append(question)
            if wants_again(row.walk, ask, answer):
                row.walk, row.not_before = tried(row.walk, ask), None
                self._ready.append(row)
            else:
                answer_id = ids[question].enrichment_answer_id if question in ids else ""
                applied.append(Applied(row, answer, paid, result.at, answer_id, joint.provider.name))
                self._ready.append(row)
            self._ready.extend(self._same.pop(question, ()))
        calls.settle(settled)
        calls.keep(kept)
        calls.forget(forgotten)
        EnrichmentBudgets(work).move(moves)
        self._define(work)
        apply(work, self._plan.workflow, self._run_id, applied)

    def _note(
        self, keeping: EnrichmentConnections, connection: EnrichmentConnection, answer: Answer, at: datetime
    ) -> None:
        keeping.keep(connection, breaker.after(circuit_of(connection), answer, at))
        if answer.outcome.value == "refused" and not answer.is_about_question and connection.status == "connected":
            keeping.set_status(connection, "refused", answer.problem)
        if connection.status == "refused":
            joint = self._plan.joints[connection.name]
            self._plan = _without(self._plan, joint, "refused")

    def _define(self, work: Work) -> None:
        """Custom attributes are there before the first value is."""
        names = {plan.field for plan in self._plan.workflow.fields} - self._defined
        if names:
            EnrichmentSubjects(work).define(self._plan.workflow.subject, sorted(names))
            self._defined |= names

    # what is due -------------------------------------------------------------------------------------------------------

    def _claim(self, work: Work, now: datetime) -> None:
        room = 2 * AT_ONCE * self._most_out - len(self._ready) - len(self._out) - sum(map(len, self._same.values()))
        if room <= 0 or self._is_dry:
            return
        kept = EnrichmentRuns(work).claim(
            self._run_id, self._worker, limit=min(room, MOST_IN_A_TURN), now=now, leased_until=now + LEASE
        )
        self._is_dry = not kept
        rows, gone = taken_up(work, self._plan.workflow, kept, now)
        self._ready.extend(rows)
        self._over.extend(gone)

    def _asks(self, work: Work, connections: dict[str, EnrichmentConnection], now: datetime) -> list[Row]:
        """Rows whose next call must really be made. Answers that are known are applied on the way, as often as it takes."""
        due: list[Row] = []
        pending = [self._ready.popleft() for _ in range(len(self._ready))]
        while pending:
            asking = [row for row in pending if self._step(row, connections, now)]
            known = EnrichmentCalls(work).answers({row.question for row in asking if row.question})
            pending, applied = [], []
            for row in asking:
                assert row.ask is not None
                assert row.question is not None
                kept = known.get(row.question)
                answer = known_answer(self._plan.workflow, row.ask, kept, now)
                if answer is not None and kept is not None:
                    joint = self._plan.joints[row.ask.connection]
                    applied.append(
                        Applied(row, answer, 0, kept.answered_at or now, kept.enrichment_answer_id, joint.provider.name)
                    )
                    pending.append(row)
                else:
                    due.append(row)
            self._define(work)
            apply(work, self._plan.workflow, self._run_id, applied)
        return due

    def _step(self, row: Row, connections: dict[str, EnrichmentConnection], now: datetime) -> bool:
        """Whether a row has a question to ask now; it is put where it belongs if not."""
        if row.not_before is not None and row.not_before > now + AHEAD:
            self._ready.append(row)
            return False
        assert row.facts is not None
        row.walk, row.ask = next_ask(
            self._plan.workflow, row.walk, row.facts.question, row.facts.facts, self._plan.connected
        )
        if row.ask is None:
            self._over.append(row)
            return False
        row.question = answer_key(row.ask.connection_id, row.ask.operation.name, row.ask.question, self._hash_key)
        connection = connections.get(row.ask.connection_id)
        if connection is None:
            row.walk = passed_over(row.walk, row.ask, "not_connected")
            self._ready.append(row)
            return False
        return True

    def _reserve(
        self, work: Work, due: Sequence[Row], connections: dict[str, EnrichmentConnection], now: datetime
    ) -> list[tuple[Row, Joint, datetime]]:
        """Calls whose place, money and intent are written down in this unit of work."""
        if not due:
            return []
        limits = self._plan.limits(self._run_id, now)
        is_priced = any(row.ask and row.ask.price for row in due)
        budgets = EnrichmentBudgets(work).hold(limits) if is_priced else []
        taken: dict[str, int] = {}
        out_of: dict[str, int] = {}
        for row in self._out.values():
            out_of[row.ask.connection_id] = out_of.get(row.ask.connection_id, 0) + 1  # type: ignore[union-attr]
        asked = {row.question for row in self._out.values()}
        places: dict[str, tuple[Row, Joint, datetime]] = {}
        out = len(self._out)
        for row in due:
            ask, question = row.ask, row.question
            assert ask is not None
            assert question is not None
            connection, joint = connections[ask.connection_id], self._plan.joints[ask.connection]
            circuit = circuit_of(connection)
            if question in asked:
                self._same.setdefault(question, []).append(row)
                continue
            if circuit.is_open(now):
                self._later.append((row, circuit.open_until or now))
                continue
            if out >= AT_ONCE * self._most_out or out_of.get(ask.connection_id, 0) >= AT_ONCE * joint.concurrent:
                self._ready.append(row)
                continue
            leaves, following = breaker.slot(circuit, now, joint.per_minute, joint.concurrent)
            if leaves > now + AHEAD:
                row.not_before = leaves
                self._ready.append(row)
                continue
            broken = first_exceeded(budgets, ask.price, taken)
            if broken is not None:
                self._stop_at(row, ask, list(limits).index(broken.scope))
                continue
            EnrichmentConnections(work).keep(connection, following)
            taken = {scope: taken.get(scope, 0) + ask.price for scope in limits}
            row.call_id, row.not_before, row.scopes = new_id(), None, tuple(limits)
            asked.add(question)
            out, out_of[ask.connection_id] = out + 1, out_of.get(ask.connection_id, 0) + 1
            places[row.call_id] = (row, joint, leaves)
        return self._written_down(work, places, limits, now)

    def _written_down(
        self, work: Work, places: dict[str, tuple[Row, Joint, datetime]], limits: dict[str, int | None], now: datetime
    ) -> list[tuple[Row, Joint, datetime]]:
        calls = []
        for call_id, (row, joint, _) in places.items():
            assert row.ask is not None
            assert row.facts is not None
            calls.append(
                {
                    "enrichment_call_id": call_id, "question": row.question, "enrichment_run_id": self._run_id,
                    "enrichment_row_id": row.row_id, "enrichment_connection_id": row.ask.connection_id,
                    "connection": row.ask.connection, "provider": joint.provider.name,
                    "operation": row.ask.operation.name, "contact_id": row.facts.contact_id,
                    "company_id": row.facts.company_id, "segment": row.facts.segment,
                    "fields": ",".join(row.ask.fields), "outcome": ASKING,
                    "reserved": row.ask.price, "currency": self._plan.currency, "day": self._plan.day(now),
                }
            )  # fmt: skip
        ours = EnrichmentCalls(work).ask(calls)
        total = sum(row.ask.price for call_id, (row, _, _) in places.items() if call_id in ours and row.ask)
        if total:
            EnrichmentBudgets(work).move(dict.fromkeys(limits, (total, 0)))
        for call_id, (row, _, _) in places.items():
            if call_id not in ours:
                self._later.append((row, now + SOMEBODY_ASKS))
        return [place for call_id, place in places.items() if call_id in ours]

    def _stop_at(self, row: Row, ask: Ask, position: int) -> None:
        """A limit is reached: the run rests. A lead goes on with those who cost nothing."""
        reason = ("run_ceiling", "day_ceiling", "day_ceiling", "month_ceiling")[position]
        if self._trigger == "lead":
            row.walk = passed_over(row.walk, ask, reason)
        else:
            self._held_by = reason
        self._ready.append(row)

    # the rest ----------------------------------------------------------------------------------------------------------

    def _extend(self) -> None:
        rows = [*self._ready, *self._out.values(), *(row for rows in self._same.values() for row in rows)]
        if rows:
            with self._store.write(self._scope, ACTOR) as work:
                EnrichmentRuns(work).extend([row.row_id for row in rows], self._worker, self._clock() + LEASE)

    def _watch_fill_rate(self) -> None:
        least = self._plan.workflow.ceilings.least_fill_rate
        if least > 0 and not self._held_by:
            with self._store.read(self._scope) as work:
                over, filled = EnrichmentRuns(work).rows_with_values(self._run_id)
            if over >= WATCHED_ROWS and filled / over < least:
                self._held_by = "fill_rate"

    def _give_back(self) -> None:
        """Rows in hand wait for whoever comes next, from where they stand."""
        rows = [*self._ready, *(row for rows in self._same.values() for row in rows)]
        self._ready.clear()
        self._same.clear()
        if rows:
            now = self._clock()
            with self._store.write(self._scope, ACTOR) as work:
                EnrichmentRuns(work).settle(
                    [row.settled("waiting", row.not_before or now) for row in rows], self._worker
                )


def _without(plan: Plan, joint: Joint, problem: str) -> Plan:
    return replace(plan, joints={**plan.joints, joint.name: replace(joint, problem=problem)})

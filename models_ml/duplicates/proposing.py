"""A search for duplicates in an organization, from its records in the store to the queue that people look through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, TypeVar

import numpy as np

from domain.decisions import DecisionKind
from domain.duplicates import KEPT_PAIRS, PROPOSE_AT, ProposalStatus, RecordKind, fingerprint_of
from domain.ids import new_id
from domain.tenancy import Actor, Scope
from models_ml.duplicates import records
from models_ml.duplicates.comparisons import MODELS
from models_ml.duplicates.matching import VERSION, Calibration, Found, Pair, find_pairs
from storage.ops.repositories.contact_lists import ContactLists
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.duplicates import Duplicates, Known
from storage.ops.store import Store

T = TypeVar("T")
SEARCH = "search"
READ = 2_000
WRITTEN = 100
"""Proposals a transaction, each with its line in the ledger: the lock is held ≤ 25 ms."""
FEWEST_DECIDED = 50
"""Pairs of either answer that people must have decided before the chances are fitted to their answers."""
WORTH_WRITING = 0.01
"""A smaller change of a probability is none that anybody would see."""
RECORD_IDS = {RecordKind.CONTACT: "contact_id", RecordKind.COMPANY: "company_id"}
READERS = {RecordKind.CONTACT: records.people, RecordKind.COMPANY: records.companies}


@dataclass(frozen=True, slots=True)
class SearchReport:
    """What a search did to an organization's queue. `proposed` are new, `reopened` were decided before one of the two
    said something else, `retired` look like one no more."""

    record_count: int
    compared_count: int
    expected_matches: float
    proposed: int
    reopened: int
    refreshed: int
    retired: int

    @property
    def summary(self) -> str:
        return (
            f"{self.record_count:,} records, {self.compared_count:,} pairs compared: {self.proposed} proposed, "
            f"{self.reopened} proposed again, {self.retired} retired"
        )


def is_due(store: Store, organization_id: str, kind: RecordKind) -> bool:
    """Whether a record has changed, or the model has, since the last search."""
    with store.read(Scope.of(organization_id)) as work:
        last = Decisions(work).last(DecisionKind.DUPLICATE, SEARCH, _subject(kind))
        changed_at = Duplicates(work).changed_at(kind)
    if changed_at is None:
        return False
    return last is None or last.rule_version != VERSION or changed_at >= last.decided_at


def propose(store: Store, organization_id: str, kind: RecordKind, *, actor: Actor | None = None) -> SearchReport:
    """Looks through all records of one kind and brings the queue to what was found. Decided pairs stay decided."""
    scope, actor, began_at = Scope.of(organization_id), actor or Actor("model", VERSION), store.clock()
    rows = {str(row[RECORD_IDS[kind]]): row for row in _read(store, scope, kind)}
    with store.read(scope) as work:
        keys = [one.key for one in ContactLists(work).definitions() if one.role in {"feature", "ignored"}]
        decided = Duplicates(work).decided_weights(kind)
    compared = READERS[kind](rows.values(), keys if kind is RecordKind.CONTACT else ())
    found = find_pairs(compared, MODELS[kind], at_least=PROPOSE_AT, calibration=calibrated(decided))
    with store.read(scope) as work:
        known, apart = Duplicates(work).known(kind), Duplicates(work).kept_apart(kind)
    return _Queue(store, scope, actor, kind, rows, known, began_at).bring_to(found, apart)


def calibrated(decided: Sequence[tuple[float, bool]]) -> Calibration:
    """How people's own decisions correct the model: a logistic regression on the weight, drawn towards no correction.

    `decided`: (weight in bits, the two were one). Without enough of either answer nothing is corrected.
    """
    answers = np.array([one for _, one in decided], dtype=float)
    if min(answers.sum(), (1 - answers).sum()) < FEWEST_DECIDED:
        return Calibration()
    odds = np.array([weight for weight, _ in decided]) * np.log(2)
    beta = np.array([1.0, 0.0])
    design = np.column_stack([odds, np.ones_like(odds)])
    pull = np.array([10.0, 1.0])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-np.clip(design @ beta, -30, 30)))
        gradient = design.T @ (answers - chance) - pull * (beta - np.array([1.0, 0.0]))
        curvature = (design * (chance * (1 - chance))[:, None]).T @ design + np.diag(pull)
        step = np.linalg.solve(curvature, gradient)
        beta = beta + step
        if np.abs(step).max() < 1e-9:
            break
    return Calibration(float(max(beta[0], 0.05)), float(beta[1]))


class _Queue:
    """The queue of one organization and kind, as a search found it."""

    def __init__(
        self, store: Store, scope: Scope, actor: Actor, kind: RecordKind, rows: Mapping[str, Mapping[str, Any]],
        known: Mapping[tuple[str, str], Known], began_at: datetime,
    ) -> None:  # fmt: skip
        self.store, self.scope, self.actor, self.kind, self.rows, self.known = store, scope, actor, kind, rows, known
        self.began_at = began_at

    def bring_to(self, found: Found, apart: set[tuple[str, str]]) -> SearchReport:
        new, again, changed = [], [], []
        pairs = found.pairs[:KEPT_PAIRS]
        for pair in pairs:
            row, before = self._row(pair, found), self.known.get((pair.left_id, pair.right_id))
            if before is None:
                said = {"status": ProposalStatus.DISMISSED.value, "reason": "kept_apart"}
                new.append(
                    {**row, **(said if (pair.left_id, pair.right_id) in apart else {"status": "open", "reason": ""})}
                )
            elif before.status is ProposalStatus.GONE or (
                before.status is ProposalStatus.DISMISSED and before.fingerprint != row["fingerprint"]
            ):
                again.append((before, {**row, "status": ProposalStatus.OPEN.value, "reason": "changed_since"}))
            elif before.status is ProposalStatus.OPEN and self._is_news(before, row):
                changed.append((before, row))
        for rows in _chunks(new):
            self._add(rows)
        for update in _chunks(again):
            self._refresh(update, tells=True)
        for update in _chunks(changed):
            self._refresh(update, tells=False)
        there = {(pair.left_id, pair.right_id) for pair in pairs}
        gone = [
            one.duplicate_proposal_id
            for ids, one in self.known.items()
            if one.status is ProposalStatus.OPEN and ids not in there
        ]
        for ids in _chunks(gone):
            with self.store.write(self.scope, self.actor) as work:
                Duplicates(work).retire(ids)
        report = SearchReport(
            found.record_count, found.compared_count, round(found.expected_matches, 1),
            sum(row["status"] == "open" for row in new), len(again), len(changed), len(gone),
        )  # fmt: skip
        self._tell(report)
        return report

    def _row(self, pair: Pair, found: Found) -> dict[str, Any]:
        prior = {"comparison": "prior", "level": "prior", "weight": round(found.match_odds, 3)}
        return {
            "entity": self.kind.value, "left_id": pair.left_id, "right_id": pair.right_id,
            "probability": round(pair.probability, 6), "weight": round(pair.weight, 4),
            "evidence": [prior, *(asdict(each) for each in pair.evidence)],
            "fingerprint": fingerprint_of(self.kind, self.rows[pair.left_id], self.rows[pair.right_id]),
            "model_version": VERSION,
        }  # fmt: skip

    def _is_news(self, before: Known, row: Mapping[str, Any]) -> bool:
        return bool(
            before.fingerprint != row["fingerprint"] or abs(before.probability - row["probability"]) >= WORTH_WRITING
        )

    def _add(self, rows: Sequence[dict[str, Any]]) -> None:
        with self.store.write(self.scope, self.actor) as work:
            made = Duplicates(work).add([{"duplicate_proposal_id": new_id(), **row} for row in rows])
            Decisions(work).record_many([_line(row, "proposed") for row in made if row["status"] == "open"])

    def _refresh(self, updates: Sequence[tuple[Known, dict[str, Any]]], *, tells: bool) -> None:
        with self.store.write(self.scope, self.actor) as work:
            for before, row in updates:
                Duplicates(work).refresh(before.duplicate_proposal_id, row)
            if tells:
                told = [{"duplicate_proposal_id": before.duplicate_proposal_id, **row} for before, row in updates]
                Decisions(work).record_many([_line(row, "proposed_again") for row in told])

    def _tell(self, report: SearchReport) -> None:
        with self.store.write(self.scope, self.actor) as work:
            Decisions(work).record(
                DecisionKind.DUPLICATE, SEARCH, _subject(self.kind), f"{report.proposed}_proposed", "searched",
                asdict(report), VERSION, is_act=True, decided_at=self.began_at,
            )  # fmt: skip


def _line(row: Mapping[str, Any], outcome: str) -> dict[str, Any]:
    """Of a proposal, in the ledger: one for each, about the younger of the two."""
    strongest = max(
        row["evidence"][1:], key=lambda each: float(each["weight"]), default={"comparison": "prior", "level": "prior"}
    )
    return {
        "kind": DecisionKind.DUPLICATE.value, "subject_kind": row["entity"], "subject_id": row["right_id"],
        "outcome": outcome, "reason": f"{strongest['comparison']}:{strongest['level']}"[:120],
        "detail": {
            "with": row["left_id"], "duplicate_proposal_id": row["duplicate_proposal_id"],
            "probability": row["probability"], "weight": row["weight"],
        },
        "rule_version": VERSION,
    }  # fmt: skip


def _subject(kind: RecordKind) -> str:
    """What a search is about, in the ledger."""
    return f"duplicates:{kind}"


def _read(store: Store, scope: Scope, kind: RecordKind) -> Iterator[Mapping[str, Any]]:
    last = ""
    while True:
        with store.read(scope) as work:
            batch = Duplicates(work).records_after(kind, last, READ)
        yield from batch
        if len(batch) < READ:
            return
        last = str(batch[-1][RECORD_IDS[kind]])


def _chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), WRITTEN):
        yield items[start : start + WRITTEN]

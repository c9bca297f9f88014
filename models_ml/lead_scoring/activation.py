"""Writing back: scores, reasons and feature snapshots into the operational store, in transactions others barely notice.

A score that says the same as the one that is there is not written again, and reasons are made only for those that are. A provisional score, made of facts newer than
the build, stands until a build has seen those facts. A change of band becomes a line of the ledger and of the timeline.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from domain.clock import Clock, utc_now
from domain.decisions import DecisionKind
from domain.priors.chances import ClientPrior
from domain.scoring import ScoringRules
from domain.scoring_models import MODEL_SETTING
from domain.tenancy import Actor, Scope
from models_ml.lead_scoring.band_changes import changed_bands, record
from models_ml.lead_scoring.dataset import feature_batches
from models_ml.lead_scoring.features import BUILT_IN, MOVING
from models_ml.lead_scoring.model import LeadModel
from models_ml.lead_scoring.predict import reasons_of, serving
from models_ml.lead_scoring.priors import made_at, prior_of
from models_ml.lead_scoring.registry import serving_model
from models_ml.lead_scoring.rules import features_of
from storage.lake import Lake
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.repositories.scores import COMPARED_COLUMNS, Scores
from storage.ops.store import Store, Work
from storage.ops.tables import DecisionLedger, Score

CHUNK = 200
"""Rows a transaction: a score brings a change-log row and perhaps two more, and the lock is held ≤ 25 ms (bench)."""
SAME_PROBABILITY = 0.001
"""A difference in probability that is not worth a write where the score reads the same."""
COMPARED = 5000
"""Rows compared, and explained where they changed, at once, outside any write."""


@dataclass(frozen=True, slots=True)
class ActivationReport:
    """What was written back for one organization."""

    organization_id: str
    lead_count: int
    written_count: int
    unchanged_count: int
    kept_provisional_count: int
    band_change_count: int
    snapshot_count: int
    model_version: str


def activate_scores(
    lake: Lake, store: Store, organization_id: str, *, artifacts: Path, clock: Clock = utc_now
) -> ActivationReport:
    """Brings the store's scores and snapshots to what `ml.lead_scoring__scores` and the features say.

    A score is explained when it is written: every score in the store has its reasons, and none is explained twice.
    """
    scope = Scope.of(organization_id)
    active = serving_model(lake, organization_id)
    model, _, rules = serving(lake, organization_id, artifacts)
    prior = prior_of(lake, organization_id) if model is None else None
    told_since = made_at(lake, organization_id) if prior else None
    version = active.version if active else ""
    actor = Actor("model", version or "rules")
    tally = dict.fromkeys(("leads", "written", "kept", "changes", "snapshots"), 0)
    for rows in _scores(lake, organization_id):
        tally["leads"] += rows.num_rows
        with store.read(scope) as work:
            changed = _changed(work, rows, told_since)
        for explained in _explained(
            lake, organization_id, rows.take(pa.array(changed, pa.int64())), model, rules, prior
        ):
            with store.write(scope, actor) as work:
                _write(work, explained, tally, clock())
    for snapshots in _batches(_snapshots(lake, organization_id), COMPARED):
        with store.read(scope) as work:
            moved = _moved(work, snapshots)
        for chunk in _batches(moved, CHUNK):
            with store.write(scope, actor) as work:
                there = Scores(work).scorable([row["contact_id"] for row in chunk])
                tally["snapshots"] += Scores(work).put_snapshots([row for row in chunk if row["contact_id"] in there])
    with store.write(scope, actor) as work:
        if active:
            pointer = {
                "version": active.version,
                "algorithm": active.algorithm,
                "artifact_hash": active.artifact_hash,
            }
            OrganizationSettings(work).put(MODEL_SETTING, pointer)
        if tally["written"]:
            work.session.add(_run_entry(organization_id, actor, tally, clock()))
    return ActivationReport(
        organization_id=organization_id,
        lead_count=tally["leads"],
        written_count=tally["written"],
        unchanged_count=tally["leads"] - tally["written"] - tally["kept"],
        kept_provisional_count=tally["kept"],
        band_change_count=tally["changes"],
        snapshot_count=tally["snapshots"],
        model_version=version,
    )


def _write(work: Work, rows: Sequence[dict[str, Any]], tally: dict[str, int], at: datetime) -> None:
    """One transaction: what is there is read again under the lock, so that nothing newer is overwritten."""
    scores = Scores(work)
    ids = [row["contact_id"] for row in rows]
    before, there = scores.of(ids), scores.scorable(ids)
    kept = {contact_id for contact_id, last in before.items() if _is_newer(last, rows[0]["as_of_at"])}
    written = [
        {name: value for name, value in row.items() if name != "as_of_at"} | {"is_provisional": False, "scored_at": at}
        for row in rows
        if row["contact_id"] in there - kept
    ]
    tally["written"] += scores.put(written, known=list(before))
    tally["kept"] += len(kept)
    news = changed_bands(before, written, first_ones=False)
    tally["changes"] += record(work, before, news, work.actor)


def _is_newer(last: Score, as_of_at: datetime) -> bool:
    """Whether a provisional score was made of facts that the build cannot have seen."""
    return last.is_provisional and last.scored_at > as_of_at


def _changed(work: Work, rows: pa.Table, told_since: datetime | None) -> list[int]:
    """The positions of rows that say something other than what is there. `told_since`: when the prior that says their chance became
    another one; its words are of many numbers, and may be others where the chance is the same."""
    standing = Scores(work).standing(rows["contact_id"].to_pylist())
    columns = [rows[name].to_pylist() for name in ("contact_id", "probability", *COMPARED_COLUMNS)]
    return [
        place
        for place, (contact_id, chance, *said) in enumerate(zip(*columns, strict=True))
        if (there := standing.get(contact_id)) is None
        or there.is_provisional
        or (told_since is not None and there.scored_at < told_since)
        or there.said != tuple(said)
        or (there.probability is None) != (chance is None)
        or abs((there.probability or 0.0) - (chance or 0.0)) > SAME_PROBABILITY
    ]


def _explained(
    lake: Lake,
    organization_id: str,
    rows: pa.Table,
    model: LeadModel | None,
    rules: ScoringRules,
    prior: ClientPrior | None,
) -> Iterator[list[dict[str, Any]]]:
    """The rows with their reasons, a transaction's worth at a time."""
    if not rows.num_rows:
        return
    ids = rows["contact_id"].to_pylist()
    facts = feature_batches(lake, organization_id, model.features if model else (), features_of(rules), ids)
    reasons: dict[str, list[dict[str, Any]]] = {}
    for batch in facts:
        found = reasons_of(batch, model, rules, prior)
        reasons.update(
            {
                contact_id: [reason.as_dict() for reason in said]
                for contact_id, said in zip(batch["contact_id"].to_pylist(), found, strict=True)
            }
        )
    for chunk in _batches(rows.to_pylist(), CHUNK):
        yield [{**row, "reasons": reasons.get(row["contact_id"], [])} for row in chunk]


def _moved(work: Work, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The snapshots in which something happened, not only time passed."""
    before = Scores(work).snapshots([row["contact_id"] for row in rows])
    return [row for row in rows if _still(before.get(row["contact_id"])) != _still(row["features"])]


def _still(features: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if features is None:
        return None
    return {name: value for name, value in features.items() if name not in MOVING}


def _scores(lake: Lake, organization_id: str) -> Iterator[pa.Table]:
    """Scores without reasons, with the moment of the build they rest on."""
    with lake.reader() as cursor:
        cursor.execute(
            "select scores.organization_id, scores.contact_id, score, probability, band, fit_score, engagement_score, "
            "grade, model_version, features.as_of_at from ml.lead_scoring__scores as scores "
            "inner join features.contact_features as features on scores.organization_id = features.organization_id "
            "and scores.contact_id = features.contact_id where scores.organization_id = ? order by scores.contact_id",
            [organization_id],
        )
        table = cursor.to_arrow_table()
    for start in range(0, table.num_rows, COMPARED):
        yield table.slice(start, COMPARED)


def _snapshots(lake: Lake, organization_id: str) -> Iterator[dict[str, Any]]:
    """The built-in features; custom attributes stay with the contact, where they are newest."""
    names = ", ".join(BUILT_IN)
    table = lake.arrow(
        f"select organization_id, contact_id, as_of_at, {names} from features.contact_features "
        "where organization_id = ? order by contact_id",
        [organization_id],
    )
    for batch in table.to_batches(COMPARED):
        for row in batch.to_pylist():
            features = {name: row[name] for name in BUILT_IN}
            yield {
                "organization_id": row["organization_id"],
                "contact_id": row["contact_id"],
                "as_of_at": row["as_of_at"],
                "features": features,
            }


def _run_entry(organization_id: str, actor: Actor, tally: Mapping[str, int], at: datetime) -> DecisionLedger:
    return DecisionLedger(
        organization_id=organization_id,
        kind=DecisionKind.SCORE.value,
        subject_kind="batch",
        subject_id=actor.id,
        outcome="activated",
        reason="scores_changed",
        detail=dict(tally),
        rule_version=actor.id,
        actor_kind=actor.kind,
        actor_id=actor.id,
        decided_at=at,
    )


def _batches(rows: Any, size: int) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch

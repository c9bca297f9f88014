"""`python -m bench.scoring`: a million contacts scored, read and write included, beside bare `predict` on the same matrix.

The floor is LightGBM's own `predict` on a matrix that lies in memory already, in as many threads as scoring uses. Scoring
reads the features from the lake, takes custom attributes out of their JSON, encodes, ranks, calibrates, applies every rule,
and replaces the organization's rows of `ml.lead_scoring__scores` in one transaction whose files are synced. The two run
alternately, round by round. Beside it: exact reasons for many leads against LightGBM's `pred_contrib`, and the write back of
changed scores with their reasons into the operational store.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np

from bench.keys import SECURITY
from domain.ids import new_id
from domain.settings import DataSettings, Settings
from domain.tenancy import Actor, Scope, SystemScope
from models_ml import artifacts as shelf
from models_ml.lead_scoring.activation import activate_scores
from models_ml.lead_scoring.calibration import Calibrator
from models_ml.lead_scoring.dataset import attributes_of, feature_batches
from models_ml.lead_scoring.features import BUILT_IN, LABELS, NOT_LEARNED, Feature, choose, encode
from models_ml.lead_scoring.growth import Growth
from models_ml.lead_scoring.learners import BoostedTrees
from models_ml.lead_scoring.model import MODEL, LeadModel, load_model, version_of
from models_ml.lead_scoring.predict import score_organization
from storage.lake import Lake
from storage.ops import migrate
from storage.ops.repositories.organizations import Organizations
from storage.ops.store import Store
from storage.ops.tables import Contact

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
ATTRIBUTES = {"plan": "text", "industry": "text", "employees": "integer", "budget": "number"}
FEATURES = """
    select
        ? as organization_id, contact_id, ?::timestamptz as as_of_at, ?::timestamptz - to_days((n % 300)::integer) as known_at,
        json_object(
            'plan', ['basic', 'pro', 'trial'][1 + (hash(n) % 3)::bigint], 'industry', 'i' || (hash(n + 1) % 40),
            'employees', hash(n + 2) % 2000, 'budget', (hash(n + 3) % 100000) / 10.0
        )::varchar as attributes,
        null::varchar as post_outcome_attributes, ['form', 'import', 'api'][1 + (hash(n + 4) % 3)::bigint] as source,
        ['DE', 'US', 'FR', 'GB'][1 + (hash(n + 5) % 4)::bigint] as country,
        ['corporate', 'free', 'none'][1 + (hash(n + 6) % 3)::bigint] as email_domain_type,
        hash(n + 7) % 2 = 0 as has_phone, hash(n + 8) % 3 = 0 as has_company, hash(n + 9) % 2 = 0 as has_title,
        ['Head of Growth', 'CEO', 'Student', 'Engineer'][1 + (hash(n + 10) % 4)::bigint] as title,
        ['Paid Search', 'Direct', 'Organic Search'][1 + (hash(n + 11) % 3)::bigint] as first_touch_channel,
        (hash(n + 12) % 4)::bigint as sessions_7d, (hash(n + 13) % 9)::bigint as sessions_30d,
        (hash(n + 14) % 9)::bigint as page_views_7d, (hash(n + 15) % 30)::bigint as page_views_30d,
        (hash(n + 16) % 900)::double as engaged_seconds_30d, (hash(n + 17) % 5)::bigint as pricing_views_30d,
        (hash(n + 18) % 3)::bigint as downloads_30d, (hash(n + 19) % 3)::bigint as form_submissions_30d,
        (hash(n + 20) % 3000) / 100.0 as days_since_last_visit, (n % 300)::double as days_since_known,
        (hash(n + 21) % 9)::bigint as emails_sent_30d, (hash(n + 22) % 4)::bigint as human_clicks_30d,
        (hash(n + 23) % 2)::bigint as replies_30d, (hash(n + 24) % 3)::bigint as linkedin_events_30d,
        'i' || (hash(n + 25) % 40) as company_industry, (hash(n + 26) % 2000)::integer as company_employee_count,
        (hash(n + 27) % 6)::bigint as sessions_before_known, (hash(n + 28) % 30)::bigint as page_views_before_known,
        (hash(n + 29) % 4)::bigint as pricing_views_before_known,
        n as import_row_number
    from ids
"""
STAGING = {
    "staging.stg_operational__attribute_definitions": (
        "organization_id text, attribute_definition_id text, attribute_entity text, attribute_key text, label text, "
        "data_type text, role text, positive_value text"
    ),
    "staging.stg_operational__organization_settings": (
        "organization_id text, organization_setting_id text, setting_name text, version integer, value text, "
        "valid_from timestamptz"
    ),
}


def main() -> None:
    """Makes the contacts, then measures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--activated", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=DataSettings(dir=Path(folder)), security=SECURITY)
        migrate.upgrade(settings)
        store, lake = Store.open(settings), Lake.open(settings)
        lake.migrate()
        with store.write(SystemScope("bench"), Actor.system("bench")) as work:
            organization_id = Organizations(work).create_agency("Bench").organization_id
        _features(lake, organization_id, asked.contacts)
        artifacts = Path(folder) / "models"
        model = _model(lake, organization_id, artifacts)
        _scoring(lake, organization_id, artifacts, model, asked.rounds)
        _reasons(lake, organization_id, model)
        _activation(lake, store, organization_id, artifacts, asked.activated)
        lake.close()
        store.close()


def _features(lake: Lake, organization_id: str, count: int) -> None:
    """Contacts in the columns dbt makes."""
    with lake.writer() as cursor:
        for name, columns in STAGING.items():
            cursor.execute(f"create table {name} ({columns})")
        for key, kind in ATTRIBUTES.items():
            cursor.execute(
                "insert into staging.stg_operational__attribute_definitions values (?, ?, 'contact', ?, ?, ?, 'feature', null)",
                [organization_id, key, key, key.capitalize(), kind],
            )
        cursor.execute(
            "create temp table ids as select n, uuid()::varchar as contact_id from range(?) as made(n)", [count]
        )
        cursor.execute(f"create table features.contact_features as {FEATURES}", [organization_id, AT, AT])
        cursor.execute("drop table ids")


def _model(lake: Lake, organization_id: str, artifacts: Path) -> LeadModel:
    """Trees as training makes them, learned from the first batch and an outcome that depends on six of its columns."""
    custom = attributes_of(lake, organization_id, "features.contact_features")
    kinds: dict[str, Any] = {name: kind for name, kind in BUILT_IN.items() if name not in NOT_LEARNED}
    kinds |= {one.column: one.kind for one in custom}
    wanted = [Feature(name, name, kind) for name, kind in kinds.items()]
    table = next(feature_batches(lake, organization_id, wanted, ())).slice(0, 60_000)
    features, _ = choose(table, kinds, LABELS)
    matrix = encode(features, table)
    place = {one.name: at for at, one in enumerate(features)}
    odds = 0.4 * matrix[:, place["pricing_views_30d"]] + 0.3 * matrix[:, place["sessions_30d"]] - 4.5
    odds += 0.8 * (matrix[:, place["attributes.plan"]] == 1) + 0.002 * matrix[:, place["engaged_seconds_30d"]]
    odds += 0.04 * (matrix[:, place["attributes.industry"]] % 7) - 0.03 * matrix[:, place["days_since_last_visit"]]
    outcome = np.random.default_rng(1).random(len(odds)) < 1 / (1 + np.exp(-odds))
    learner = BoostedTrees.fit(features, matrix, outcome, Growth(threads=2))
    model = LeadModel(tuple(features), learner, Calibrator("platt", (0.0, 1.0), (0.1, 1.0)), -1.5)
    content_hash = shelf.save(artifacts, MODEL, model.files(), {})
    with lake.writer() as cursor:
        cursor.execute(
            "insert into ml.model_versions (organization_id, model, version, algorithm, trained_at, status, artifact_hash) "
            "values (?, ?, ?, 'lightgbm', ?, 'active', ?)",
            [organization_id, MODEL, version_of("lightgbm", content_hash), AT, content_hash],
        )
    return load_model(artifacts, content_hash)


def _timed(act: Callable[[], Any]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    act()
    return time.perf_counter() - wall, time.process_time() - cpu


def _scoring(lake: Lake, organization_id: str, artifacts: Path, model: LeadModel, rounds: int) -> None:
    booster = lightgbm.Booster(model_str=model.learner.dump())
    matrix = np.concatenate(
        [encode(model.features, one) for one in feature_batches(lake, organization_id, model.features, ())]
    )
    print(f"{len(matrix):,} contacts, {matrix.shape[1]} features, {booster.num_trees()} trees")
    pairs = []
    for _ in range(rounds):
        bare = _timed(lambda: booster.predict(matrix))
        ours = _timed(lambda: score_organization(lake, organization_id, artifacts=artifacts, clock=lambda: AT))
        pairs.append((bare[0] / ours[0], bare[1] / ours[1]))
        print(
            f"  bare predict {bare[0]:.2f} s wall {bare[1]:.2f} s CPU; scoring {ours[0]:.2f} s wall {ours[1]:.2f} s CPU"
        )
    for name, found in (("wall", [one for one, _ in pairs]), ("CPU", [one for _, one in pairs])):
        print(
            f"rate of scoring to bare predict, {name}: {statistics.median(found):.2f} ({min(found):.2f} to {max(found):.2f})"
        )


def _reasons(lake: Lake, organization_id: str, model: LeadModel, most: int = 20_000) -> None:
    booster = lightgbm.Booster(model_str=model.learner.dump())
    table = next(feature_batches(lake, organization_id, model.features, ())).slice(0, most)
    matrix = encode(model.features, table)
    each = _timed(lambda: booster.predict(matrix, pred_contrib=True, num_threads=1))
    shared = _timed(lambda: model.learner.contributions(matrix))
    print(
        f"exact reasons of {len(matrix):,} leads: {each[1] / shared[1]:.1f} times as fast as pred_contrib in CPU time"
    )


def _activation(lake: Lake, store: Store, organization_id: str, artifacts: Path, count: int) -> None:
    """Changed scores with their reasons, written to the store; then again, when nothing has changed."""
    ids = [
        row["contact_id"]
        for row in lake.arrow(f"select contact_id from features.contact_features limit {count}").to_pylist()
    ]
    actor, scope = Actor.system("bench"), Scope.of(organization_id)
    with store.write(scope, actor) as work:
        rows = [
            {"contact_id": one, "organization_id": organization_id, "source": "bench", "known_at": AT} for one in ids
        ]
        work.session.execute(Contact.__table__.insert(), [{**row, **_blank()} for row in rows])  # type: ignore[attr-defined]
    with lake.writer() as cursor:
        cursor.execute(
            "delete from ml.lead_scoring__scores where contact_id not in (select unnest(?::varchar[]))", [ids]
        )
        cursor.execute(
            "delete from features.contact_features where contact_id not in (select unnest(?::varchar[]))", [ids]
        )
    first = _timed(lambda: activate_scores(lake, store, organization_id, artifacts=artifacts))
    again = _timed(lambda: activate_scores(lake, store, organization_id, artifacts=artifacts))
    print(
        f"activation of {count:,} changed scores, with reasons and snapshots: {first[0]:.1f} s wall, {first[1]:.1f} s CPU; with "
        f"nothing changed {again[0]:.1f} s wall, {again[1]:.1f} s CPU"
    )


def _blank() -> dict[str, Any]:
    return {"created_at": AT, "updated_at": AT, "external_id": new_id()}


if __name__ == "__main__":
    main()

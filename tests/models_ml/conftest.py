"""A lake with the tables that dbt makes, to be filled with made-up leads or with the committed bank leads."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from domain.settings import Settings
from models_ml.lead_scoring.model import LeadModel, load_model
from models_ml.lead_scoring.train import train_organization
from storage.lake import Lake

ROOT = Path(__file__).resolve().parents[2]
BANK_LEADS = ROOT / "data/samples/uci_bank_marketing.csv.gz"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)

FEATURE_COLUMNS = (
    "organization_id text, contact_id text, as_of_at timestamptz, known_at timestamptz, attributes text, post_outcome_attributes text, "
    "source text, "
    "country text, email_domain_type text, has_phone boolean, has_company boolean, has_title boolean, title text, "
    "company_industry text, company_employee_count integer, sessions_before_known bigint, page_views_before_known bigint, "
    "pricing_views_before_known bigint, first_touch_channel text, sessions_7d bigint, sessions_30d bigint, page_views_7d bigint, page_views_30d bigint, "
    "engaged_seconds_30d double, pricing_views_30d bigint, downloads_30d bigint, form_submissions_30d bigint, "
    "days_since_last_visit double, days_since_known double, emails_sent_30d bigint, human_clicks_30d bigint, "
    "replies_30d bigint, linkedin_events_30d bigint, import_row_number bigint"
)
TABLES = {
    "features.contact_features": FEATURE_COLUMNS,
    "features.contact_training_rows": (
        f"{FEATURE_COLUMNS}, outcome boolean, outcome_at timestamptz, outcome_source text, is_known_in_time boolean"
    ),
    "intermediate.int_contact_versions": (
        "organization_id text, contact_id text, seq bigint, changed_at timestamptz, attributes text"
    ),
    "staging.stg_operational__contacts": "organization_id text, contact_id text, company_id text",
    "staging.stg_operational__attribute_definitions": (
        "organization_id text, attribute_definition_id text, attribute_entity text, attribute_key text, label text, "
        "data_type text, role text, positive_value text"
    ),
    "staging.stg_operational__organization_settings": (
        "organization_id text, organization_setting_id text, setting_name text, version integer, value text, "
        "valid_from timestamptz"
    ),
}
QUIET = {
    "source": "import",
    "email_domain_type": "none",
    "has_phone": False,
    "has_company": False,
    "has_title": False,
    "title": "",
    **dict.fromkeys(
        [
            "sessions_7d",
            "sessions_30d",
            "page_views_7d",
            "page_views_30d",
            "engaged_seconds_30d",
            "pricing_views_30d",
            "downloads_30d",
            "sessions_before_known",
            "page_views_before_known",
            "pricing_views_before_known",
            "form_submissions_30d",
            "days_since_known",
            "emails_sent_30d",
            "human_clicks_30d",
            "replies_30d",
            "linkedin_events_30d",
        ],
        0,
    ),
}
"""The facts of a lead that nothing has happened to yet."""


ROLES = {
    "plan": ("text", "feature"),
    "colour": ("text", "feature"),
    "reference": ("text", "feature"),
    "call_seconds": ("integer", "post_outcome"),
}
"""The custom attributes of made-up leads."""


@dataclass
class FeatureLake:
    """The lake, and ways to put leads into it."""

    lake: Lake
    artifacts: Path

    def insert(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        names = list(dict.fromkeys(name for row in rows for name in row))
        batch = pa.table({name: [row.get(name) for row in rows] for name in names})
        with self.lake.writer() as cursor:
            cursor.register("batch", batch)
            cursor.execute(f"insert into {table} ({', '.join(names)}) select {', '.join(names)} from batch")

    def define(self, organization_id: str, **roles: tuple[str, str]) -> None:
        """`key=(data_type, role)` for each custom attribute."""
        self.insert(
            "staging.stg_operational__attribute_definitions",
            [
                {
                    "organization_id": organization_id,
                    "attribute_entity": "contact",
                    "attribute_key": key,
                    "label": key.replace("_", " ").capitalize(),
                    "data_type": data_type,
                    "role": role,
                }
                for key, (data_type, role) in roles.items()
            ],
        )

    def bank_leads(self, organization_id: str, most: int | None = None, duration_role: str = "post_outcome") -> None:
        """The committed bank leads, as the import and dbt would leave them; every n-th of them if `most` is given."""
        numbers = {"age", "balance", "day", "duration", "campaign", "pdays", "previous"}
        texts = {"job", "marital", "education", "default", "housing", "loan", "contact", "month", "poutcome"}
        self.define(
            organization_id,
            **{key: ("integer", duration_role if key == "duration" else "feature") for key in sorted(numbers)},
            **dict.fromkeys(sorted(texts), ("text", "feature")),
            y=("text", "outcome"),
        )
        every = 1 if most is None else max(1, 45211 // most)
        with self.lake.writer() as cursor:
            cursor.execute(
                "create temp table leads as select *, row_number() over () as row_number from read_csv(?, delim=';', "
                "header=true, quote='\"', parallel=false)",
                [str(BANK_LEADS)],
            )
            for table, more, values in (
                ("contact_training_rows", ", outcome, outcome_source", ", y = 'yes', 'attribute:y'"),
                ("contact_features", "", ""),
            ):
                cursor.execute(
                    f"insert into features.{table} (organization_id, contact_id, as_of_at, known_at, attributes, source, "
                    f"email_domain_type, import_row_number{more}) "
                    "select ?, printf('lead-%06d', row_number), ?, ?, "
                    "to_json(struct_pack("
                    + ", ".join(f'"{key}" := "{key}"' for key in sorted(numbers | texts | {"y"}))
                    + f")), 'import', 'none', row_number{values} from leads where row_number % ? = 0",
                    [organization_id, NOON, NOON, every],
                )
            cursor.execute("drop table leads")

    def learn(self, organization_id: str, count: int = 600) -> LeadModel:
        """A model learned from made-up leads, registered as the active one."""
        self.define(organization_id, **ROLES)
        self.made_up_leads(organization_id, count=count)
        report = train_organization(self.lake, organization_id, artifacts=self.artifacts, clock=lambda: NOON)
        return load_model(self.artifacts, report.artifact_hash)

    def decide(self, organization_id: str, name: str, value: Mapping[str, Any], version: int = 1) -> None:
        """A setting of the organization, as landed."""
        row = {"organization_id": organization_id, "setting_name": name, "version": version, "value": json.dumps(value)}
        self.insert("staging.stg_operational__organization_settings", [{**row, "valid_from": NOON}])

    def scores(self, organization_id: str) -> dict[str, dict[str, Any]]:
        """What `ml.lead_scoring__scores` holds, by contact id."""
        rows = self.lake.arrow("select * from ml.lead_scoring__scores where organization_id = ?", [organization_id])
        return {row["contact_id"]: row for row in rows.to_pylist()}

    def made_up_leads(
        self, organization_id: str, count: int = 600, seed: int = 7, spread_days: int = 300
    ) -> list[dict[str, Any]]:
        """Leads whose truth is known: a plan of `pro` and pricing views help, the colour does not matter.

        `call_seconds` is only known after the outcome, and gives it away.
        """
        chance = np.random.default_rng(seed)
        rows = []
        for number in range(count):
            plan = str(chance.choice(["basic", "pro", "trial"]))
            pricing = int(chance.poisson(1.0))
            odds = -2.2 + (1.8 if plan == "pro" else 0.0) + 0.7 * pricing
            outcome = bool(chance.random() < 1 / (1 + np.exp(-odds)))
            known = NOON - timedelta(days=spread_days * (1 - number / count))
            rows.append(
                {
                    **QUIET,
                    "organization_id": organization_id,
                    "contact_id": f"{organization_id}-{number:05d}",
                    "as_of_at": known + timedelta(days=2),
                    "known_at": known,
                    "pricing_views_30d": pricing,
                    "days_since_last_visit": float(chance.integers(0, 20)),
                    "attributes": json.dumps(
                        {
                            "plan": plan,
                            "colour": str(chance.choice(["red", "green", "blue"])),
                            "call_seconds": int(600 * outcome + chance.integers(0, 60)),
                            "reference": f"R-{number}",
                        }
                    ),
                    "outcome": outcome,
                    "outcome_source": "lifecycle:customer",
                }
            )
        self.insert("features.contact_training_rows", rows)
        features = [{k: v for k, v in row.items() if not k.startswith("outcome")} for row in rows]
        self.insert("features.contact_features", features)
        return rows


@contextmanager
def open_features(folder: Path) -> Iterator[FeatureLake]:
    lake = Lake.open(Settings.load({"LEADHOUSE_DATA__DIR": str(folder / "run")}))
    lake.migrate()
    with lake.writer() as cursor:
        for name, columns in TABLES.items():
            cursor.execute(f"create table {name} ({columns})")
    yield FeatureLake(lake, folder / "run" / "models")
    lake.close()


@pytest.fixture(scope="session")
def make_features() -> Callable[[Path], AbstractContextManager[FeatureLake]]:
    """Opens a lake of features in a folder, for fixtures that outlive a test."""
    return open_features


@pytest.fixture
def features(tmp_path: Path) -> Iterator[FeatureLake]:
    with open_features(tmp_path) as made:
        yield made

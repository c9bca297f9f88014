"""Raw rows as the lake would hold them, with only what a test says; and the runs that turn them into marts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from domain.settings import DataSettings, LakeSettings, Settings
from models_ml.attribution.solve import solve_attribution
from models_ml.identity.components import ComponentReport, build_components
from orchestration.state import environment
from storage.lake import Lake
from storage.lake.schemas import RAW_TABLES

PROJECT = Path(__file__).parents[2] / "dbt_project"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
"""A Monday: where stories begin."""
BUILD_AT = NOON + timedelta(days=30)
"""The moment of every build in these tests."""
_COLUMNS = {table.full_name: table.columns for table in RAW_TABLES}


def at(**passed: float) -> datetime:
    """A moment after noon of the first day: `at(days=2, minutes=5)`."""
    return NOON + timedelta(**passed)


class World:
    """A lake of its own, written row by row; `landed_at` is the landing of what is written next."""

    def __init__(self, folder: Path, threads: int = 2, **lake: Any) -> None:
        settings = Settings(data=DataSettings(dir=folder), lake=LakeSettings(threads=threads, **lake))
        self.folder = folder
        self.lake = Lake.open(settings)
        self.lake.migrate()
        self.landed_at = NOON
        self.organization_id = ""
        self._seq = 0
        self._rows: dict[str, list[dict[str, Any]]] = {}

    def event(self, event_id: str, when: datetime, anonymous_id: str | None = "v1", **changes: Any) -> None:
        """A page view with full consent, sent at once, unless `changes` say otherwise."""
        self._seq += 1
        row = {
            "organization_id": self.organization_id,
            "event_id": event_id,
            "seq": self._seq,
            "type": "page_view",
            "anonymous_id": anonymous_id,
            "occurred_at": when,
            "sent_at": when,
            "received_at": when,
            "consent": "full",
            "page_host": "www.acme.example",
            "page_path": "/",
            "is_bot": False,
        }
        self._add("raw.website_events__events", row | changes)

    def change(self, entity: str, entity_id: str, op: str = "insert", /, **values: Any) -> None:
        """A row of the change log; `changed_at` and `organization_id` may be among the values."""
        self._seq += 1
        organization_id = values.pop("organization_id", self.organization_id)
        changed_at = values.pop("changed_at", self.landed_at)
        row = {"organization_id": organization_id, f"{entity}_id": entity_id, **values}
        self._add(
            "raw.operational__changes",
            {
                "organization_id": organization_id,
                "seq": self._seq,
                "entity": entity,
                "entity_id": entity_id,
                "op": op,
                "row": json.dumps(row, default=_plain),
                "changed_at": changed_at,
            },
        )

    def organization(self, organization_id: str, **values: Any) -> None:
        """A new organization; what is written from here on is its."""
        self.organization_id = organization_id
        defaults = {"kind": "agency", "name": "Acme", "time_zone": "UTC", "currency": "USD"}
        self.change("organization", organization_id, organization_id=organization_id, **(defaults | values))

    def contact(self, contact_id: str, known_at: datetime = NOON, op: str = "insert", **values: Any) -> None:
        defaults = {
            "email": f"{contact_id}@firm.example",
            "email_hash": f"hash-{contact_id}",
            "first_name": contact_id.title(),
            "title": "",
            "phone": "",
            "lifecycle_stage": "lead",
            "source": "form",
            "attributes": {},
            "known_at": known_at,
            "created_at": known_at,
            "updated_at": known_at,
            "changed_at": known_at,
        }
        self.change("contact", contact_id, op, **(defaults | values))

    def setting(self, name: str, **value: Any) -> None:
        self.change(
            "organization_setting", f"{self.organization_id}-{name}", name=name, version=1, value=value, valid_from=NOON
        )

    def stage(self, contact_id: str, to_stage: str, when: datetime, **values: Any) -> None:
        self.change(
            "lifecycle_change", f"{contact_id}-{to_stage}-{when:%d%H%M}", contact_id=contact_id,
            to_stage=to_stage, occurred_at=when, known_at=when, **values,
        )  # fmt: skip

    def deal(self, deal_id: str, contact_id: str, stage: str, opened_at: datetime, **values: Any) -> None:
        defaults = {"name": deal_id, "amount_minor": 100_00, "currency": "USD", "opened_at": opened_at}
        self.change("deal", deal_id, contact_id=contact_id, stage=stage, **(defaults | values))

    def email(self, event_id: str, kind: str, when: datetime, **changes: Any) -> None:
        row = {
            "organization_id": self.organization_id,
            "event_id": event_id,
            "type": kind,
            "occurred_at": when,
            "is_machine": False,
        }
        self._add("raw.email_engagement__events", row | changes)

    def message(self, event_id: str, kind: str, when: datetime, contact_id: str, **changes: Any) -> None:
        """Something that happened to a contact's message of our own outbox."""
        row = {"outbox_message_id": f"m-{contact_id}", "sequence_id": "seq", "step_id": "hello", "mailbox_id": "box"}
        self.change("message_event", event_id, kind=kind, contact_id=contact_id, occurred_at=when, **row, **changes)

    def hit(self, hit_id: str, kind: str, when: datetime, contact_id: str, **changes: Any) -> None:
        """A request for the picture or a link of it."""
        row = {"outbox_message_id": f"m-{contact_id}", "sequence_id": "seq", "step_id": "hello", "mailbox_id": "box",
               "is_machine": False, "reasons": [], "link_url": "https://a.example/1", "ip_network": "", "user_agent": "x"}  # fmt: skip
        self.change("message_hit", hit_id, kind=kind, contact_id=contact_id, occurred_at=when, **(row | changes))

    def linkedin(self, event_id: str, kind: str, when: datetime, **changes: Any) -> None:
        row = {
            "organization_id": self.organization_id,
            "event_id": event_id,
            "type": kind,
            "occurred_at": when,
            "person_key": "p1",
        }
        self._add("raw.linkedin_engagement__events", row | changes)

    def spend(self, spend_id: str, on: date, amount_minor: int, channel: str | None, **changes: Any) -> None:
        row = {
            "organization_id": self.organization_id, "spend_id": spend_id, "spend_on": on, "amount_minor": amount_minor,
            "channel": channel, "currency": "USD",
        }  # fmt: skip
        self._add("raw.ad_spend__spend", row | changes)

    def land(self) -> None:
        """Writes what was said so far into the raw tables."""
        with self.lake.writer() as cursor:
            for name, rows in self._rows.items():
                columns = _COLUMNS[name]
                table = pa.Table.from_pylist([{column: row.get(column) for column in columns} for row in rows])
                cursor.register("landing", table)
                casts = ", ".join(f'cast("{column}" as {kind}) as "{column}"' for column, kind in columns.items())
                cursor.execute(f"insert into lake.{name} select {casts} from landing")
                cursor.unregister("landing")
        self._rows.clear()

    def build(
        self,
        *,
        full_refresh: bool = False,
        build_at: datetime = BUILD_AT,
        between: Callable[[Lake], object] = lambda _: None,
    ) -> ComponentReport:
        """Lands, then dbt, components and dbt again, as orchestration does; `between` is called before the marts follow.
        Data tests run too."""
        self.land()
        more = ["--full-refresh"] if full_refresh else []
        self.dbt("build", "--select", "tag:before_identity", *more, build_at=build_at)
        report = build_components(self.lake)
        between(self.lake)
        self.dbt(
            "build", "--select", "tag:after_identity", "--exclude", "tag:after_attribution", *more, build_at=build_at
        )
        solve_attribution(self.lake, clock=lambda: build_at)
        self.dbt("build", "--select", "tag:after_attribution", *more, build_at=build_at)
        return report

    def dbt(self, *arguments: str, build_at: datetime = BUILD_AT) -> None:
        """One dbt command on this lake; raises with dbt's own words where it fails."""
        from dbt.cli.main import dbtRunner

        command = [
            *arguments, "--quiet", "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT),
            "--vars", json.dumps({"as_of": build_at.isoformat()}),
        ]  # fmt: skip
        if arguments[0] == "build":
            command += ["--exclude-resource-type", "unit_test"]
        places = {"DBT_TARGET_PATH": str(self.folder / "target"), "DBT_LOG_PATH": str(self.folder / "logs")}
        with self.lake.exclusive(), environment(self.lake.dbt_environment() | places):
            result = dbtRunner().invoke(command)
        if not result.success:
            raise AssertionError(_reasons(result))

    def rows(self, sql: str) -> list[dict[str, Any]]:
        return self.lake.arrow(sql).to_pylist()

    def close(self) -> None:
        self.lake.close()

    def _add(self, table: str, row: dict[str, Any]) -> None:
        self._rows.setdefault(table, []).append({"_loaded_at": self.landed_at, "_batch_id": "test", **row})


def _reasons(result: Any) -> str:
    if result.exception:
        return str(result.exception)
    return "\n".join(
        f"{found.node.name}: {found.status}: {found.message}"
        for found in result.result.results
        if found.status in {"error", "fail"}
    )


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def ids(rows: Iterable[dict[str, Any]], column: str) -> list[Any]:
    return [row[column] for row in rows]

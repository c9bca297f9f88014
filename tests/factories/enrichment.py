"""Connections, workflows and runs of enrichment, as tests want them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from domain.clock import Clock, utc_now
from domain.enrichment.workflows import parse_workflow, written
from domain.settings import EnrichmentSettings, Settings
from domain.tenancy import Scope
from serving.enrichment.doors import Doors
from serving.enrichment.runs import carry_on, start
from storage.ops.repositories.enrichment_connections import EnrichmentConnections
from storage.ops.repositories.enrichment_workflows import EnrichmentWorkflows
from storage.ops.store import Store
from storage.ops.tables import (
    Base,
    Company,
    EnrichmentBudget,
    EnrichmentCall,
    EnrichmentConnection,
    EnrichmentRow,
    EnrichmentRun,
    EnrichmentValue,
    EnrichmentWorkflow,
)
from tests.factories import SYSTEM, TESTER, make_company
from tests.vendor_server import Vendors

FAST = {"per_minute": 100_000, "concurrent": 16}


@dataclass
class Desk:
    """An organization that enriches, and the providers on loopback that it asks."""

    store: Store
    settings: Settings
    organization_id: str
    vendors: Vendors
    clock: Clock = utc_now
    scope: Scope = field(init=False)

    def __post_init__(self) -> None:
        self.scope = Scope.of(self.organization_id)
        chosen = EnrichmentSettings(local_origins=frozenset({self.vendors.address}), timeout_seconds=1.0)
        self.settings = self.settings.model_copy(update={"enrichment": chosen})
        self.doors = Doors(self.settings)

    def connect(
        self, name: str, provider: str = "", *, price: int = 0, options: dict[str, Any] | None = None, **facts: Any
    ) -> EnrichmentConnection:
        """`price`: micros a credit. Without `options` it asks `<vendors>/<name>`."""
        with self.store.write(self.scope, TESTER) as work:
            return EnrichmentConnections(work).add(
                name, provider or name, secrets={"api_key": "secret"},
                facts={
                    "options": options if options is not None else {"base_url": f"{self.vendors.address}/{name}"},
                    "per_unit": price, **FAST, **facts,
                },
            )  # fmt: skip

    def connect_api(self, name: str, fields: dict[str, str] | None = None, **facts: Any) -> EnrichmentConnection:
        """A JSON API at `<vendors>/<name>/<domain>` that tells `employee_count` and `industry`, unless `fields` differ."""
        options = {
            "subject": "company", "url": f"{self.vendors.address}/{name}/{{company_domain}}",
            "fields": fields or {"employee_count": "size", "industry": "industry"},
        }  # fmt: skip
        return self.connect(name, "http_json", options=options, **facts)

    def workflow(self, fields: dict[str, list[Any]], subject: str = "company", **more: Any) -> EnrichmentWorkflow:
        document = {
            "name": "Firmographics", "subject": subject, **more,
            "fields": [{"field": name, "providers": chain} for name, chain in fields.items()],
        }  # fmt: skip
        with self.store.write(self.scope, TESTER) as work:
            return EnrichmentWorkflows(work).add(written(parse_workflow(document)))

    def companies(self, count: int) -> list[str]:
        return [
            make_company(self.store, self.organization_id, domain=f"c{number}.example", name="").company_id
            for number in range(count)
        ]

    def begin(self, workflow: EnrichmentWorkflow, trigger: str = "all", **more: Any) -> str:
        with self.store.write(self.scope, TESTER) as work:
            return start(work, workflow, trigger, **more).enrichment_run_id

    def run(self, workflow: EnrichmentWorkflow, *, seconds: float = 20, **more: Any) -> str:
        """From its start until nothing is due."""
        run_id = self.begin(workflow, **more)
        self.go_on(run_id, seconds=seconds)
        return run_id

    def go_on(self, run_id: str, *, seconds: float = 20) -> None:
        now = self.clock()
        while (again := self.carry_on(run_id, seconds)) is not None and again <= now:
            now = self.clock()

    def carry_on(self, run_id: str, seconds: float = 20) -> Any:
        return carry_on(
            self.store, self.settings, self.scope, run_id, self.doors, clock=self.clock, seconds=seconds
        ).again_at  # fmt: skip

    def all(self, table: type[Base]) -> list[Any]:
        with self.store.read(SYSTEM) as work:
            return list(work.session.scalars(select(table).order_by(*table.__table__.primary_key.columns)))

    def company(self, company_id: str) -> Company:
        with self.store.read(SYSTEM) as work:
            return work.session.get_one(Company, company_id)

    def calls(self) -> list[EnrichmentCall]:
        return self.all(EnrichmentCall)

    def rows(self) -> list[EnrichmentRow]:
        return self.all(EnrichmentRow)

    def values(self) -> list[EnrichmentValue]:
        return self.all(EnrichmentValue)

    def spent(self, scope: str = "run") -> tuple[int, int]:
        """Reserved and spent of the only limit of a kind."""
        (found,) = [row for row in self.all(EnrichmentBudget) if row.scope.startswith(f"{scope}:")]
        return found.reserved, found.spent

    def status(self, run_id: str) -> tuple[str, str]:
        with self.store.read(SYSTEM) as work:
            run = work.session.get_one(EnrichmentRun, run_id)
            return run.status, run.reason

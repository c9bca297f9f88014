"""The API behind enrichment: providers, workflows, their price, runs, dead letters and the scoreboard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.api_transport import LONG_SECONDS, Json, Transport

BASE = "/v1/enrichment"


class EnrichmentApi(Transport):
    """What the Enrichment page asks."""

    def enrichment_catalogue(self) -> Json:
        return self._object("GET", f"{BASE}/providers")

    def enrichment_connections(self) -> list[Json]:
        return list(self._object("GET", f"{BASE}/connections")["items"])

    def connect_provider(self, **fields: Any) -> Json:
        return self._object("POST", f"{BASE}/connections", json=fields)

    def switch_enrichment_connection(self, connection_id: str, status: str) -> Json:
        return self._object("POST", f"{BASE}/connections/{connection_id}/switch", json={"status": status})

    def put_lookup_table(self, connection_id: str, text: str) -> Json:
        path = f"{BASE}/connections/{connection_id}/table"
        return self._object("PUT", path, json={"csv": text}, timeout=LONG_SECONDS)

    def probe_connection(self, connection_id: str, question: dict[str, str]) -> Json:
        path = f"{BASE}/connections/{connection_id}/test"
        return self._object("POST", path, json={"question": question}, timeout=LONG_SECONDS)

    def enrichment_limits(self) -> Json:
        return self._object("GET", f"{BASE}/limits")

    def put_enrichment_limits(self, per_day: float | None, per_month: float | None) -> Json:
        return self._object("PUT", f"{BASE}/limits", json={"per_day": per_day, "per_month": per_month})

    def enrichment_workflows(self) -> list[Json]:
        return list(self._object("GET", f"{BASE}/workflows")["items"])

    def enrichment_workflow(self, workflow_id: str) -> Json:
        return self._object("GET", f"{BASE}/workflows/{workflow_id}")

    def check_enrichment_workflow(self, source: str) -> Json:
        return self._object("POST", f"{BASE}/workflows/check", json={"source": source})

    def create_enrichment_workflow(self, source: str) -> Json:
        return self._object("POST", f"{BASE}/workflows", json={"source": source})

    def change_enrichment_workflow(self, workflow_id: str, source: str, etag: str) -> Json:
        path = f"{BASE}/workflows/{workflow_id}"
        return self._object("PUT", path, json={"source": source}, headers={"If-Match": etag})

    def switch_enrichment_workflow(self, workflow_id: str, status: str) -> Json:
        return self._object("POST", f"{BASE}/workflows/{workflow_id}/switch", json={"status": status})

    def preview_enrichment(self, workflow_id: str) -> Json:
        return self._object("GET", f"{BASE}/workflows/{workflow_id}/preview", timeout=LONG_SECONDS)

    def start_enrichment(self, workflow_id: str, rows: int | None = None) -> Json:
        return self._object("POST", f"{BASE}/workflows/{workflow_id}/runs", json={"rows": rows})

    def enrichment_order(self, workflow_id: str) -> Json:
        return self._object("GET", f"{BASE}/workflows/{workflow_id}/order")

    def adopt_enrichment_order(self, workflow_id: str, fields: Sequence[str], etag: str) -> Json:
        path = f"{BASE}/workflows/{workflow_id}/order"
        return self._object("POST", path, json={"fields": list(fields)}, headers={"If-Match": etag})

    def enrichment_scoreboard(self, *, by_segment: bool) -> Json:
        return self._object("GET", f"{BASE}/scoreboard", params={"by_segment": str(by_segment).lower()})

    def enrichment_runs(self) -> list[Json]:
        return list(self._object("GET", f"{BASE}/runs")["items"])

    def enrichment_run(self, run_id: str) -> Json:
        return self._object("GET", f"{BASE}/runs/{run_id}")

    def act_on_enrichment_run(self, run_id: str, act: str) -> Json:
        return self._object("POST", f"{BASE}/runs/{run_id}/act", json={"act": act})

    def enrichment_rows(self, run_id: str, status: str) -> Json:
        return self._object("GET", f"{BASE}/runs/{run_id}/rows", params={"status": status, "limit": "100"})

    def replay_enrichment(self, run_id: str, row_ids: Sequence[str] = ()) -> Json:
        return self._object("POST", f"{BASE}/runs/{run_id}/replay", json={"row_ids": list(row_ids)})

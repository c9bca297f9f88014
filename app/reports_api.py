"""The API behind links that show a report to people without an account, and behind alert rules."""

from __future__ import annotations

from typing import Any

from app.api_transport import Json, Transport


class ReportsApi(Transport):
    """What the pages that share a report ask."""

    def report_links(self) -> list[Json]:
        found: list[Json] = self._object("GET", "/v1/report-links", params={"limit": 50})["items"]
        return found

    def create_report_link(self, **fields: Any) -> Json:
        return self._object("POST", "/v1/report-links", json=fields)

    def revoke_report_link(self, report_link_id: str) -> None:
        self._send("DELETE", f"/v1/report-links/{report_link_id}")

    def alerts(self) -> Json:
        return self._object("GET", "/v1/alerts")

    def put_alerts(self, rules: list[Json]) -> Json:
        return self._object("PUT", "/v1/alerts", json={"rules": rules})

    def try_alerts(self, rules: list[Json]) -> list[Json]:
        found: list[Json] = self._object("POST", "/v1/alerts/try", json={"rules": rules})["items"]
        return found

"""The API behind questions of an analyst's own."""

from __future__ import annotations

from app.api_transport import LONG_SECONDS, Json, Transport


class SqlApi(Transport):
    """What the SQL page asks."""

    def sql_tables(self) -> list[Json]:
        found: list[Json] = self._object("GET", "/v1/sql/tables")["items"]
        return found

    def ask_sql(self, sql: str, limit: int) -> Json:
        return self._object("POST", "/v1/sql", json={"sql": sql, "limit": limit}, timeout=LONG_SECONDS)

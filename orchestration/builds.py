"""When each layer was last made: what the screen shows as freshness."""

from __future__ import annotations

from datetime import datetime

from storage.lake import Lake


def record_build(lake: Lake, name: str, detail: str, finished_at: datetime) -> None:
    """Writes one row of `meta.builds`; `name` is `land`, `marts`, `models` or `activation`."""
    with lake.writer() as cursor:
        cursor.execute(
            "insert into meta.builds (name, finished_at, detail) values (?, ?, ?)", [name, finished_at, detail]
        )


def last_built_at(lake: Lake, name: str) -> datetime | None:
    """When a layer was last made; None where it never was."""
    table = lake.arrow("select max(finished_at) as finished_at from lake.meta.builds where name = ?", [name])
    return table.to_pylist()[0]["finished_at"]  # type: ignore[no-any-return]

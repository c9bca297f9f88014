"""When each layer was last made: what the screen shows as freshness."""

from __future__ import annotations

from datetime import datetime, timedelta

from storage.lake import Lake

WARN_AFTER, FAIL_AFTER = timedelta(hours=2), timedelta(hours=6)
"""How old marts and features may be; they are built every hour."""


def record_build(lake: Lake, name: str, detail: str, finished_at: datetime) -> None:
    """Writes one row of `meta.builds`; `name` is `land`, `marts`, `models`, `priors` or `activation`."""
    with lake.writer() as cursor:
        cursor.execute(
            "insert into meta.builds (name, finished_at, detail) values (?, ?, ?)", [name, finished_at, detail]
        )


def last_built_at(lake: Lake, name: str) -> datetime | None:
    """When a layer was last made; None where it never was."""
    table = lake.arrow("select max(finished_at) as finished_at from lake.meta.builds where name = ?", [name])
    return table.to_pylist()[0]["finished_at"]  # type: ignore[no-any-return]


def is_behind(lake: Lake) -> bool:
    """Whether something has landed that no pass has brought to the end: an interrupted run is taken up again."""
    table = lake.arrow(
        "select max(finished_at) filter (where name = 'marts') as marts, "
        "max(finished_at) filter (where name = 'activation') as activation, "
        "(select max(landed_at) from lake.meta.landed_batches) as landed from lake.meta.builds"
    )
    found = table.to_pylist()[0]
    marts, activation, landed = found["marts"], found["activation"], found["landed"]
    return marts is None or activation is None or activation < marts or (landed is not None and landed > marts)

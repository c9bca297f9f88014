"""What newer rules about machines changed: counted before the marts follow them, and again after.

The rules of each organization are a version (`int_organizations_with_rules.bot_rules_version`). When they change, the
first half of a build judges every session and message anew, while the marts still hold the old verdicts: that is the
moment to count. The second half rewrites the marts, activation the scores; both then write down what came of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.lake import Lake

MARTS: Mapping[str, str] = {
    "events": """
        select
            sessions.organization_id,
            case when sessions.is_bot then 'machine' else 'human' end as dimension,
            sum(aggregated.event_count) as value
        from lake.marts.sessions as sessions
        inner join lake.intermediate.int_sessions_aggregated as aggregated using (organization_id, session_id)
        group by 1, 2
    """,
    "sessions": """
        select organization_id, case when is_bot then 'machine' else 'human' end as dimension, count(*) as value
        from lake.marts.sessions group by 1, 2
    """,
    "mail_acts": """
        select organization_id, unnest(['human clicks', 'machine clicks', 'human opens', 'machine opens']) as dimension,
            unnest([sum(human_click_count), sum(machine_click_count), sum(human_open_count), sum(machine_open_count)])
        from lake.marts.email_engagement_daily group by 1
    """,
    "leads_with_visits": """
        select organization_id, 'leads' as dimension, count(*) filter (where session_count > 0) as value
        from lake.marts.contacts group by 1
    """,
    "credits": """
        select organization_id, channel as dimension, sum(credit) as value
        from lake.marts.attribution_credits where model = 'linear' and attribution_level = 'person' group by 1, 2
    """,
}
"""Measure → organization_id, dimension, value. Attribution is shown by the linear model: it credits every touch."""
SCORES: Mapping[str, str] = {
    "leads_by_band": """
        select organization_id, coalesce(band, 'none') as dimension, count(*) as value
        from lake.ml.lead_scoring__scores group by 1, 2
    """,
}
CHANGED = """
    select
        before.organization_id,
        before.bot_rules_version as from_version,
        rules.bot_rules_version as to_version,
        count(*) filter (where judged.is_bot and not before.is_bot) as convicted,
        count(*) filter (where before.is_bot and not judged.is_bot) as acquitted
    from lake.marts.sessions as before
    inner join lake.intermediate.int_organizations_with_rules as rules using (organization_id)
    left join lake.intermediate.int_sessions_judged as judged using (organization_id, session_id)
    where before.bot_rules_version <> rules.bot_rules_version
    group by 1, 2, 3
    order by 1, 2
"""


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a report: a measure of one organization before and after; `after` is None until it is known."""

    organization_id: str
    from_version: int
    to_version: int
    measure: str
    dimension: str
    before: float
    after: float | None


def begin(lake: Lake, now: datetime) -> int:
    """Counts what holds under the old rules, for the organizations whose rules changed; answers how many there are.
    Call it between the two halves of a build."""
    if not _exists(lake, "marts", "sessions"):
        return 0
    changed = lake.arrow(CHANGED).to_pylist()
    if not changed:
        return 0
    rows: list[tuple[str, int, int, datetime, str, str, float, float | None]] = []
    for one in changed:
        head = one["organization_id"], one["from_version"], one["to_version"], now
        rows += [
            (*head, "sessions_changed", verdict, 0.0, float(one[verdict])) for verdict in ("convicted", "acquitted")
        ]
    heads = {
        one["organization_id"]: (one["organization_id"], one["from_version"], one["to_version"], now) for one in changed
    }
    for measure, dimension, organization_id, value in _counted(lake, {**MARTS, **SCORES}):
        if organization_id in heads:
            rows.append((*heads[organization_id], measure, dimension, value, None))
    with lake.writer() as cursor:
        cursor.executemany("insert into meta.rejudgements values (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    return len(heads)


def finish(lake: Lake, measures: Mapping[str, str]) -> int:
    """Writes down what holds now for the newest rejudgement of each organization, where that is still open; answers how
    many lines were written. Again is no error."""
    open_ones = lake.arrow(
        "select organization_id, max(from_version) as from_version, max(to_version) as to_version, max(rejudged_at) as at "
        "from lake.meta.rejudgements as rejudgements where rejudged_at = (select max(rejudged_at) "
        "from lake.meta.rejudgements as newest where newest.organization_id = rejudgements.organization_id) "
        "group by organization_id having count(*) filter (where after_value is null) > 0"
    ).to_pylist()
    if not open_ones:
        return 0
    heads = {one["organization_id"]: one for one in open_ones}
    now = {
        (organization_id, measure, dimension): value
        for measure, dimension, organization_id, value in _counted(lake, measures)
        if organization_id in heads
    }
    written = 0
    with lake.writer() as cursor:
        for organization_id, head in heads.items():
            found = cursor.execute(
                "select measure, dimension, before_value from meta.rejudgements "
                "where organization_id = ? and rejudged_at = ? and list_contains(?, measure)",
                [organization_id, head["at"], list(measures)],
            ).fetchall()
            before = {(measure, dimension): value for measure, dimension, value in found}
            keys = sorted(before.keys() | {key[1:] for key in now if key[0] == organization_id})
            rows = [
                (organization_id, head["from_version"], head["to_version"], head["at"], *key, before.get(key, 0.0),
                 now.get((organization_id, *key), 0.0))
                for key in keys
            ]  # fmt: skip
            cursor.execute(
                "delete from meta.rejudgements where organization_id = ? and rejudged_at = ? and list_contains(?, measure)",
                [organization_id, head["at"], list(measures)],
            )
            if rows:
                cursor.executemany("insert into meta.rejudgements values (?, ?, ?, ?, ?, ?, ?, ?)", rows)
            written += len(rows)
    return written


def newest(lake: Lake, organization_id: str, since: datetime | None = None) -> list[Change]:
    """The newest report of an organization, in order of measure and dimension; empty where its rules never changed, or
    not `since` a moment."""
    rows = lake.arrow(
        "select organization_id, from_version, to_version, measure, dimension, before_value as before, after_value as after "
        "from lake.meta.rejudgements where organization_id = ? and rejudged_at = "
        "(select max(rejudged_at) from lake.meta.rejudgements where organization_id = ?) "
        "and rejudged_at >= coalesce(?, rejudged_at) order by measure, dimension",
        [organization_id, organization_id, since],
    )
    return [Change(**row) for row in rows.to_pylist()]


def _counted(lake: Lake, measures: Mapping[str, str]) -> list[tuple[str, str, str, float]]:
    """measure, dimension, organization, value."""
    found = []
    for measure, question in measures.items():
        rows: list[dict[str, Any]] = lake.arrow(
            f"select organization_id, dimension, value from ({question}) as counted(organization_id, dimension, value)"
        ).to_pylist()
        found += [(measure, row["dimension"], row["organization_id"], float(row["value"] or 0)) for row in rows]
    return found


def _exists(lake: Lake, schema: str, table: str) -> bool:
    question = (
        "select count(*) as found from duckdb_columns() where database_name = 'lake' and schema_name = ? "
        "and table_name = ? and column_name = 'bot_rules_version'"
    )
    return bool(lake.arrow(question, [schema, table]).to_pylist()[0]["found"])

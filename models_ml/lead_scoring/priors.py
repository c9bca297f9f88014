"""What clients of an agency start from before they have a model of their own: counted in the lake, client by client, made by
`domain.priors`, kept in `ml.lead_scoring__priors` under the organization that reads it.

Counts of single clients live in memory while a build runs and are kept nowhere; nor is a sum over all of an agency's clients:
each reader's rows leave the reader out, and are the reader's own rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc
from scipy.special import expit, logit

from domain.clock import Clock, utc_now
from domain.companies import SizeBand
from domain.decisions import DecisionKind
from domain.priors.chances import Chance, ClientPrior, LevelPrior
from domain.priors.disclosure import Rules
from domain.priors.features import EVERYBODY, FEATURES, Cell, Count, Levels, Tally
from domain.priors.features import UNKNOWN as UNKNOWN_LEVEL
from domain.priors.making import Made, make_prior
from domain.priors.switches import SUBJECT, Switches
from domain.tenancy import Actor, Scope, SystemScope
from models_ml.lead_scoring.dataset import TRAINING_ROWS
from models_ml.lead_scoring.features import with_positions
from storage.lake import Lake
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.shared_learning import SharedLearning
from storage.ops.store import Store

ACTOR = Actor.system("priors")
DAILY = timedelta(hours=20)
"""A build older than this is due again, so that the hourly pass makes one a day."""
BY_STAGE = "lifecycle:customer"
"""What counts as good where no attribute was marked as the outcome."""
TABLE = "ml.lead_scoring__priors"


@dataclass(frozen=True, slots=True)
class PriorReport:
    """Of one build: clients that gave, and that use; by reader, what it starts from or why from nothing."""

    gave: int
    used: int
    made: Mapping[str, Made]

    @property
    def summary(self) -> str:
        started = sum(one.prior is not None for one in self.made.values())
        return f"{self.gave} clients gave counts, {self.used} asked for a prior, {started} have one"


@dataclass(frozen=True, slots=True)
class _Dated:
    """A prior, and since when it says what it says."""

    prior: ClientPrior
    made_at: datetime


def is_due(store: Store, built_at: datetime | None, now: datetime) -> bool:
    """Whether a day passed since the last build, or somebody turned a switch: what is taken back goes with the next pass."""
    if built_at is None or now - built_at >= DAILY:
        return True
    with store.read(SystemScope("priors of every agency")) as work:
        turned = SharedLearning(work).last_turned_at()
    return turned is not None and turned > built_at


def build_priors(lake: Lake, store: Store, rules: Rules, *, clock: Clock = utc_now) -> PriorReport:
    """Makes every agency's priors anew. Clients of different agencies never meet; who turned its switch off is not read."""
    with store.read(SystemScope("priors of every agency")) as work:
        families = SharedLearning(work).families()
    made: dict[str, Made] = {}
    gave = 0
    for clients in families.values():
        given = {client: tally_of(lake, client) for client, switches in clients.items() if switches.gives}
        gave += len(given)
        for client, switches in clients.items():
            if switches.uses:
                own = given.get(client) or tally_of(lake, client)
                made[client] = make_prior(given, client, own, rules)
            else:
                made[client] = Made(None, "switched_off")
    kept = {client: _dated(lake, client, one.prior, clock()) for client, one in made.items() if one.prior is not None}
    _keep(lake, kept)
    for clients in families.values():
        for client, switches in clients.items():
            _tell(store, client, switches, made[client], kept[client].made_at if client in kept else clock())
    used = sum(switches.uses for clients in families.values() for switches in clients.values())
    return PriorReport(gave, used, made)


def tally_of(lake: Lake, organization_id: str) -> Tally:
    """One client's people whose outcome is known, counted by their levels."""
    rows = lake.arrow(
        "select source, first_touch_channel, email_domain_type, country, company_employee_count, title, outcome, "
        f"outcome_source from {TRAINING_ROWS} where organization_id = ? and outcome is not null",
        [organization_id],
    )
    if not rows.num_rows:
        return Tally(_outcome_of(lake, organization_id), {})
    levels = pa.table([*_level_columns(with_positions(rows)), rows["outcome"].cast(pa.int64())], [*FEATURES, "good"])
    counted = levels.group_by(list(FEATURES)).aggregate([("good", "count"), ("good", "sum")])
    counts = zip(counted["good_count"].to_pylist(), counted["good_sum"].to_pylist(), strict=True)
    keys = zip(*(counted[name].to_pylist() for name in FEATURES), strict=True)
    return Tally(
        rows["outcome_source"][0].as_py(), {key: Count(*count) for key, count in zip(keys, counts, strict=True)}
    )


def _outcome_of(lake: Lake, organization_id: str) -> str:
    """What a client will count as good that has nobody to count yet."""
    found = lake.arrow(
        "select attribute_key from staging.stg_operational__attribute_definitions where organization_id = ? "
        "and attribute_entity = 'contact' and role = 'outcome' order by attribute_definition_id limit 1",
        [organization_id],
    ).to_pylist()
    return f"attribute:{found[0]['attribute_key']}" if found else BY_STAGE


def levels_of(table: pa.Table) -> list[Levels]:
    """The levels of each row of features (with positions)."""
    return list(zip(*(column.to_pylist() for column in _level_columns(table)), strict=True))


def _level_columns(table: pa.Table) -> list[pa.ChunkedArray]:
    sizes = pc.dictionary_encode(table["company_employee_count"].cast(pa.float64()).combine_chunks())
    bands = pa.array([_band(count) for count in sizes.dictionary.to_pylist()], pa.string())
    by_name = {"company_size": pa.chunked_array([bands.take(sizes.indices)])}
    return [
        pc.fill_null(by_name.get(name, table[name] if name in table.column_names else None), UNKNOWN_LEVEL)
        for name in FEATURES
    ]


def _band(count: float) -> str | None:
    band = SizeBand.of(int(count))
    return band.value if band else None


def chances_of(prior: ClientPrior, table: pa.Table) -> list[Chance]:
    """Of each row. Leads of the same levels, which are many, are looked at once."""
    levels, chances = levels_of(table), prior.chances()
    known = {one: chances.of(one) for one in set(levels)}
    return [known[one] for one in levels]


def prior_of(lake: Lake, organization_id: str) -> ClientPrior | None:
    """What an organization starts from, as of the last build; None where there is nothing."""
    rows = lake.arrow(
        "select feature, level, log_odds, strength, weight, client_count, people_count, own_count, own_good_count "
        f"from {TABLE} where organization_id = ? order by feature, level",
        [organization_id],
    ).to_pylist()
    if not rows:
        return None
    everybody, *levels = rows
    found: dict[Cell, LevelPrior] = {
        (row["feature"], row["level"]): LevelPrior(
            row["log_odds"], row["strength"], row["client_count"], row["people_count"],
            Count(row["own_count"], row["own_good_count"]),
        )
        for row in levels
    }  # fmt: skip
    return ClientPrior(
        float(expit(everybody["log_odds"])), everybody["strength"], everybody["weight"], everybody["client_count"],
        everybody["people_count"], Count(everybody["own_count"], everybody["own_good_count"]), found,
    )  # fmt: skip


def made_at(lake: Lake, organization_id: str) -> datetime | None:
    """Since when the prior of an organization says what it says."""
    found = lake.arrow(f"select max(built_at) as at from {TABLE} where organization_id = ?", [organization_id])
    at: datetime | None = found.to_pylist()[0]["at"]
    return at


def _dated(lake: Lake, client: str, prior: ClientPrior, now: datetime) -> _Dated:
    """One that says what the last one said is as old as that: what was written by it need not be written again."""
    last = made_at(lake, client)
    return _Dated(prior, last if last is not None and prior_of(lake, client) == prior else now)


def _keep(lake: Lake, priors: Mapping[str, _Dated]) -> None:
    """Replaces all there are, in one transaction: what somebody took back is gone from everybody's at once."""
    table = pa.Table.from_pylist(
        [row for client, one in sorted(priors.items()) for row in _rows(client, one.prior, one.made_at)],
        schema=pa.schema(
            [("organization_id", pa.string()), ("feature", pa.string()), ("level", pa.string()),
             ("log_odds", pa.float64()), ("strength", pa.float64()), ("weight", pa.float64()),
             ("client_count", pa.int64()), ("people_count", pa.int64()),
             ("own_count", pa.int64()), ("own_good_count", pa.int64()), ("built_at", pa.timestamp("us", "UTC"))]
        ),
    )  # fmt: skip
    with lake.writer() as cursor:
        cursor.execute(f"delete from {TABLE}")
        cursor.register("made", table)
        cursor.execute(f"insert into {TABLE} by name select * from made")
        cursor.unregister("made")


def _rows(client: str, prior: ClientPrior, at: datetime) -> Sequence[Mapping[str, object]]:
    everybody = LevelPrior(float(logit(prior.mean)), prior.strength, prior.client_count, prior.people_count, prior.own)
    return [
        {
            "organization_id": client,
            "feature": feature,
            "level": level,
            "log_odds": one.shift,
            "strength": one.strength,
            "weight": prior.weight,
            "client_count": one.client_count,
            "people_count": one.people_count,
            "own_count": one.own.people,
            "own_good_count": one.own.good,
            "built_at": at,
        }
        for (feature, level), one in {EVERYBODY: everybody, **prior.levels}.items()
    ]


def _tell(store: Store, client: str, switches: Switches, made: Made, at: datetime) -> None:
    """Gives the worker what new leads start from, before the client's first one comes; with a line of its ledger where that came,
    went, or was kept back for another reason."""
    prior = made.prior
    detail: dict[str, int | bool] = {"gives": switches.gives, "uses": switches.uses}
    if prior is not None:
        detail |= {"clients": prior.client_count, "people": prior.people_count, "own_people": prior.own.people}
    with store.write(Scope.of(client), ACTOR) as work:
        SharedLearning(work).keep_prior(prior, at)
        Decisions(work).record(
            DecisionKind.PRIOR, SUBJECT, client, "used" if prior else "not_used", made.reason, detail
        )

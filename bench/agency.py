"""Raw tables of an agency's five clients as landing would have left them, drawn by DuckDB itself: 10 million events in a minute.

Nothing here is judged for its meaning (the simulator's worlds are); what matters is that sizes, keys and shapes are those
of real traffic: visitors who come back, sessions of eight events, one browser in thirty identified, a client that has
half of everything. The same numbers give the same rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import duckdb

from storage.lake import Lake
from storage.lake.schemas import RAW_TABLES

START = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 180
END = START + timedelta(days=DAYS)
EVENTS_A_VISITOR = 20.6
_COLUMNS = {table.full_name: table.columns for table in RAW_TABLES}

# A number in [0, 1) that belongs to a key and a purpose.
_MACROS = """
create or replace temp macro chance(key, purpose) as (hash(key, purpose) % 1000003) / 1000003.0;
create or replace temp macro client(visitor) as case
    when chance(visitor, 'client') < 0.50 then 'client-1' when chance(visitor, 'client') < 0.75 then 'client-2'
    when chance(visitor, 'client') < 0.90 then 'client-3' when chance(visitor, 'client') < 0.97 then 'client-4'
    else 'client-5' end;
create or replace temp macro contact_of(visitor) as
    'contact-' || case when chance(visitor, 'second device') < 0.2 then hash(visitor) % visitor else visitor end;
"""

_EVENTS = """
with sessions as (
    select
        visitor, session, client(visitor) as organization_id,
        {start} + to_seconds(cast({seconds} * chance(visitor * 1000 + session, 'start') as bigint)) as started_at,
        chance(visitor * 1000 + session, 'channel') as channel, chance(visitor * 1000 + session, 'network') as network,
        chance(visitor, 'bot') < 0.03 as is_bot, chance(visitor, 'identified') < 0.03 as is_identified,
        1 + least(60, floor(ln(1 - chance(visitor * 1000 + session, 'length')) / ln(1 - 1.0 / 7.5))) as event_count
    from (select visitor, unnest(range(1 + least(40, cast(floor(ln(1 - chance(visitor, 'sessions')) / ln(1 - 1.0 / 2.75)) as bigint)))) as session
          from ({visitors}))
),
drawn as (
    select *, unnest(range(cast(event_count as bigint))) as number from sessions
),
typed as (
    select
        *, visitor || '-' || session || '-' || number as place, chance(visitor || '-' || session || '-' || number, 'type') as kind,
        started_at + to_milliseconds(cast(number * 9000 + 8000 * chance(visitor || '-' || session || '-' || number, 'pause') as bigint)) as happened_at
    from drawn
)
select
    organization_id, '{prefix}' || place as event_id, {seq} + row_number() over () as seq,
    case when number = 0 then 'page_view' when is_identified and number = 3 then 'identify' when kind < 0.40 then 'page_view'
         when kind < 0.78 then 'page_ping' when kind < 0.92 then 'scroll' else 'link_click' end as type,
    'visitor-' || visitor as anonymous_id,
    case when is_identified and number = 3 and not is_bot then 'hash-' || contact_of(visitor) end as email_hash,
    happened_at as occurred_at, happened_at + interval 40 milliseconds as sent_at, happened_at + interval 90 milliseconds + {delay} as received_at,
    'full' as consent, 'www.' || organization_id || '.example' as page_host,
    '/page/' || cast(floor(40 * chance(place, 'page')) as bigint) as page_path,
    case when number > 0 then 'https://www.' || organization_id || '.example/' when channel < 0.25 then 'https://www.google.com/'
         when channel < 0.32 then 'https://www.linkedin.com/' when channel < 0.4 then 'https://partner-' || cast(channel * 1000 as bigint) || '.example/'
         end as referrer,
    case when number = 0 and channel between 0.4 and 0.55 then 'google' when number = 0 and channel between 0.55 and 0.7 then 'newsletter' end as utm_source,
    case when number = 0 and channel between 0.4 and 0.55 then 'cpc' when number = 0 and channel between 0.55 and 0.7 then 'email' end as utm_medium,
    case when number = 0 and channel between 0.4 and 0.7 then 'campaign-' || cast(floor(channel * 50) as bigint) end as utm_campaign,
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/' || (100 + visitor % 30) as user_agent, 'Chrome' as browser, 'Windows' as os,
    case when visitor % 3 = 0 then 'mobile' else 'desktop' end as device_type, '203.0.' || visitor % 250 || '.0/24' as ip_network,
    case when network < 0.2 then 'business' else 'residential' end as network_type,
    case when network < 0.2 then 'firm-' || visitor % 3000 || '.example' end as network_company_domain,
    case when network < 0.2 then 'Firm ' || visitor % 3000 end as network_company_name,
    case when network < 0.2 then 'high' end as network_confidence,
    ['DE', 'US', 'FR', 'GB'][1 + visitor % 4] as country, is_bot, case when is_bot then 'crawler_user_agent' end as bot_reasons,
    case when kind between 0.4 and 0.78 then '{{"engaged_seconds": ' || cast(10 * kind as bigint) || '}}' end as properties
from typed
"""

_CONTACTS = "select v as visitor, client(v) as organization_id from range({first}, {last}) as r(v) where chance(v, 'identified') < 0.03 or chance(v, 'listed') < 0.10"


@dataclass(frozen=True, slots=True)
class Traffic:
    """How much of it, and when it happened and landed. Visitors are numbers from `first_visitor` to `last_visitor`."""

    first_visitor: int
    last_visitor: int
    starts_at: datetime
    days: float
    landed_at: datetime
    prefix: str = ""
    returning: int = 0
    """So many of the visitors before `first_visitor` come again."""


def base(event_count: int) -> Traffic:
    """Half a year of about so many events."""
    return Traffic(1, 1 + int(event_count / EVENTS_A_VISITOR), START, DAYS, END)


def more(event_count: int, share: float) -> Traffic:
    """The day after `base(event_count)`: so large a share of its events, from half as many new visitors as known ones."""
    visitors = int(event_count * share / EVENTS_A_VISITOR)
    last = 1 + int(event_count / EVENTS_A_VISITOR)
    day = END + timedelta(days=1)
    return Traffic(last, last + visitors // 3, END, 1.0, day, prefix="more-", returning=visitors - visitors // 3)


def land(lake: Lake, traffic: Traffic) -> int:
    """Writes the rows into the raw tables in one commit; answers how many events."""
    with lake.staging() as cursor:
        cursor.execute(_MACROS)
        with lake.commit(cursor):
            _organizations(cursor, traffic)
            _contacts(cursor, traffic)
            _messages(cursor, traffic)
            return _events(cursor, traffic)


def _insert(cursor: duckdb.DuckDBPyConnection, table: str, rows: str, landed_at: datetime) -> int:
    """Into the columns that a query names."""
    found = [str(column[0]) for column in cursor.execute(f"describe {rows}").fetchall()]
    casts = ", ".join(f"cast({name} as {_COLUMNS[table][name]})" for name in found)
    cursor.execute(
        f"insert into {table} ({', '.join(found)}, _loaded_at, _batch_id) select {casts}, {_at(landed_at)}, 'bench' from ({rows})"
    )
    row = cursor.fetchone()
    assert row is not None
    return int(row[0])


def _at(moment: datetime) -> str:
    return f"timestamptz '{moment.isoformat()}'"


def _events(cursor: duckdb.DuckDBPyConnection, traffic: Traffic) -> int:
    visitors = f"select v as visitor from range({traffic.first_visitor}, {traffic.last_visitor}) as r(v)"
    if traffic.returning:
        step = max(1, traffic.first_visitor // traffic.returning)
        visitors += f" union all select v as visitor from range(1, {traffic.first_visitor}, {step}) as r(v)"
    return _insert(
        cursor,
        "raw.website_events__events",
        _EVENTS.format(
            visitors=visitors, start=_at(traffic.starts_at), seconds=int(traffic.days * 86_400 - 3_600),
            prefix=traffic.prefix, seq=0 if not traffic.prefix else 10**9, delay="interval 0 seconds",
        ),
        traffic.landed_at,
    )  # fmt: skip


def _changes(cursor: duckdb.DuckDBPyConnection, traffic: Traffic, entity: str, rows: str) -> None:
    """`rows`: organization_id, entity_id, changed_at and a struct `row`."""
    offset = (10**9 if traffic.prefix else 0) + 10**7 * list(_ENTITIES).index(entity)
    _insert(
        cursor,
        "raw.operational__changes",
        f"select organization_id, {offset} + row_number() over () as seq, '{entity}' as entity, entity_id, 'insert' as op, "
        f"to_json(row) as row, changed_at from ({rows})",
        traffic.landed_at,
    )


_ENTITIES = ("organization", "company", "contact", "lifecycle_change", "deal", "form_submission", "activity")


def _organizations(cursor: duckdb.DuckDBPyConnection, traffic: Traffic) -> None:
    if traffic.prefix:
        return
    start = _at(START)
    _changes(
        cursor, traffic, "organization",
        f"select 'client-' || n as organization_id, 'client-' || n as entity_id, {start} as changed_at, "
        "{kind: 'client', name: 'Client ' || n, time_zone: 'Europe/Berlin', currency: 'EUR'} as row from range(1, 6) as r(n)",
    )  # fmt: skip
    _changes(
        cursor, traffic, "company",
        f"select 'client-' || (1 + n % 5) as organization_id, 'company-' || n as entity_id, {start} as changed_at, "
        "{name: 'Firm ' || n, domain: 'firm-' || n || '.example'} as row from range(1500) as r(n)",
    )  # fmt: skip
    _insert(
        cursor, "raw.ad_spend__spend",
        "select 'client-' || c as organization_id, c || '-' || d || '-' || channel as spend_id, "
        f"cast({start} as date) + cast(d as integer) as spend_on, channel, 10000 + d * 10 as amount_minor, 'EUR' as currency "
        f"from range(1, 6) as r(c), range({DAYS}) as s(d), (values ('Paid Search'), ('Display'), ('Paid Social')) as t(channel)",
        traffic.landed_at,
    )  # fmt: skip


def _contacts(cursor: duckdb.DuckDBPyConnection, traffic: Traffic) -> None:
    contacts = _CONTACTS.format(first=traffic.first_visitor, last=traffic.last_visitor)
    known = f"{_at(traffic.starts_at)} + to_seconds(cast({traffic.days * 86_400} * chance(visitor, 'known') as bigint))"
    each = f"select *, 'contact-' || visitor as contact_id, {known} as known_at from ({contacts})"
    _changes(
        cursor, traffic, "contact",
        "select organization_id, contact_id as entity_id, known_at as changed_at, "
        "{email: contact_id || '@firm-' || visitor % 3000 || '.example', email_hash: 'hash-' || contact_id, first_name: 'Ada', "
        "last_name: 'Person', title: case when visitor % 2 = 0 then 'Head of Sales' end, phone: '', country: 'DE', "
        "lifecycle_stage: 'lead', source: 'form', company_id: 'company-' || visitor % 1500, "
        "attributes: {size: visitor % 900, plan: case when visitor % 3 = 0 then 'trial' else 'none' end}, "
        f"known_at: known_at, created_at: known_at, updated_at: known_at}} as row from ({each})",
    )  # fmt: skip
    for stage, share, days in (("mql", 0.4, 5), ("sql", 0.2, 15), ("customer", 0.05, 40)):
        _changes(
            cursor, traffic, "lifecycle_change",
            f"select organization_id, '{stage}-' || contact_id as entity_id, known_at as changed_at, "
            f"{{contact_id: contact_id, to_stage: '{stage}', occurred_at: known_at + interval {days} days, "
            f"known_at: known_at + interval {days} days}} as row from ({each}) where chance(visitor, 'stage') < {share}",
        )  # fmt: skip
    _changes(
        cursor, traffic, "deal",
        "select organization_id, 'deal-' || contact_id as entity_id, known_at as changed_at, "
        "{contact_id: contact_id, name: 'Deal', stage: case when visitor % 4 = 0 then 'won' else 'proposal' end, "
        "amount_minor: 100000 + visitor % 900000, currency: 'EUR', opened_at: known_at + interval 20 days} as row "
        f"from ({each}) where chance(visitor, 'deal') < 0.08",
    )  # fmt: skip
    _changes(
        cursor, traffic, "form_submission",
        "select organization_id, 'form-' || contact_id as entity_id, known_at as changed_at, "
        "{form_id: 'form', contact_id: contact_id, anonymous_id: 'visitor-' || visitor, status: 'accepted', utm: {source: 'google'}, "
        f"submitted_at: known_at}} as row from ({each}) where chance(visitor, 'form') < 0.15",
    )  # fmt: skip
    _changes(
        cursor, traffic, "activity",
        "select organization_id, 'call-' || contact_id as entity_id, known_at as changed_at, "
        "{contact_id: contact_id, kind: 'call', is_automated: false, occurred_at: known_at + interval 3 days} as row "
        f"from ({each}) where chance(visitor, 'call') < 0.15",
    )  # fmt: skip


def _messages(cursor: duckdb.DuckDBPyConnection, traffic: Traffic) -> None:
    """Three mails to each contact: sent and delivered all, opened half (half of these by machines), clicked and answered few."""
    contacts = _CONTACTS.format(first=traffic.first_visitor, last=traffic.last_visitor)
    _insert(
        cursor, "raw.email_engagement__events",
        "select organization_id, type || '-' || visitor || '-' || step as event_id, type, 'message-' || visitor || '-' || step as message_id, "
        "'sequence-' || visitor % 7 as campaign, step as sequence_step, 'contact-' || visitor as contact_id, "
        "'hash-contact-' || visitor as email_hash, chance(visitor, type) < 0.3 and type in ('opened', 'clicked') as is_machine, "
        f"{_at(traffic.starts_at)} + to_seconds(cast({traffic.days * 86_400} * chance(visitor * 10 + step, 'mail') as bigint)) as occurred_at "
        f"from ({contacts}), range(1, 4) as r(step), "
        "(values ('sent', 1.0), ('delivered', 0.98), ('opened', 0.5), ('clicked', 0.08), ('replied', 0.03)) as t(type, share) "
        "where chance(visitor * 10 + step, type) < share",
        traffic.landed_at,
    )  # fmt: skip

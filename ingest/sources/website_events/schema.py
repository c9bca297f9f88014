"""How a collected event becomes a row, and what it must keep."""

from __future__ import annotations

import json

from domain.events import ConsentLevel, EventType
from ingest.base import Expectation, RowRule

UTM_NAMES = ("source", "medium", "campaign", "term", "content")
CLICK_ID_NAMES = ("gclid", "fbclid", "msclkid", "li_fat_id", "ttclid")

BODY = {
    "event_id": "VARCHAR",
    "type": "VARCHAR",
    "name": "VARCHAR",
    "anonymous_id": "VARCHAR",
    "session_id": "VARCHAR",
    "contact_id": "VARCHAR",
    "email_hash": "VARCHAR",
    "company_domain": "VARCHAR",
    "occurred_at": "VARCHAR",
    "sent_at": "VARCHAR",
    "received_at": "VARCHAR",
    "consent": "VARCHAR",
    "signals": {"gpc": "BOOLEAN", "dnt": "BOOLEAN"},
    "page": {"url": "VARCHAR", "title": "VARCHAR", "referrer": "VARCHAR"},
    "utm": dict.fromkeys(UTM_NAMES, "VARCHAR"),
    "click_ids": dict.fromkeys(CLICK_ID_NAMES, "VARCHAR"),
    "device": {"viewport": "VARCHAR", "language": "VARCHAR", "time_zone": "VARCHAR"},
    "traits": {"domain": "VARCHAR"},
    "properties": "JSON",
}
CONTEXT = {
    **dict.fromkeys(("user_agent", "browser", "os", "device_type", "ip_network", "network_owner"), "VARCHAR"),
    **dict.fromkeys(("network_type", "company_domain", "company_name", "company_confidence", "country"), "VARCHAR"),
    "asn": "BIGINT",
    "is_bot": "BOOLEAN",
    "bot_reasons": ["VARCHAR"],
}


def _parameter(field: str, name: str) -> str:
    """A campaign parameter: as the pixel read it, else from the page's address (files of history, no-script hits)."""
    in_url = f"regexp_extract(tagged_url, '[?&]{name}=([^&#]*)', 1)"
    found = f"nullif(url_decode(replace({in_url}, '+', ' ')), '')"
    group = field.rpartition(".")[0]
    said = f"{group} is null and contains(tagged_url, '{name}=')"
    return f"coalesce({field}, case when {said} then {found} end) as {name}"


UTM = ",\n    ".join(_parameter(f"b.utm.{name}", f"utm_{name}") for name in UTM_NAMES)
CLICK_IDS = ",\n    ".join(_parameter(f"b.click_ids.{name}", name) for name in CLICK_ID_NAMES)

CONTEXT_TEXT = "coalesce(context, try(cast(json_extract(body, '$.context') as text)), '{}')"
"""What the server saw: beside an event of the inbox, inside one of a file."""

HOST_AND_PATH = (
    "regexp_extract({url}, '^[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#@]*@)?([^/?#:]*)[^/?#]*([^?#]*)', ['host', 'path'])"
)

SHAPE = f"""
with

contexts as (

    -- A visitor's context is the same on every page: each distinct one is parsed once.
    select c_text, try(json_transform(c_text, '{json.dumps(CONTEXT)}')) as c
    from (select distinct {CONTEXT_TEXT} as c_text from incoming)

),

parsed as (

    select *, {CONTEXT_TEXT} as c_text, try(json_transform(body, '{json.dumps(BODY)}')) as b from incoming

),

located as (

    select
        *,
        {HOST_AND_PATH.format(url="b.page.url")} as page,
        case when (b.utm is null or b.click_ids is null) and contains(b.page.url, '?') then b.page.url end as tagged_url
    from parsed

)

select
    organization_id,
    coalesce(event_id, b.event_id, md5(body)) as event_id,
    seq,
    b.type,
    b.name,
    b.anonymous_id,
    b.session_id as session_hint,
    b.contact_id,
    b.email_hash,
    lower(coalesce(b.company_domain, b.traits.domain)) as company_domain,
    try_cast(b.occurred_at as timestamptz) as occurred_at,
    try_cast(b.sent_at as timestamptz) as sent_at,
    coalesce(try_cast(received_at as timestamptz), try_cast(b.received_at as timestamptz),
        try_cast(b.sent_at as timestamptz), try_cast(b.occurred_at as timestamptz)) as received_at,
    coalesce(b.consent, 'none') as consent,
    b.signals.gpc as is_gpc,
    b.signals.dnt as is_dnt,
    b.page.url as page_url,
    lower(nullif(page.host, '')) as page_host,
    nullif(page.path, '') as page_path,
    b.page.title as page_title,
    b.page.referrer as referrer,
    {UTM},
    {CLICK_IDS},
    b.device.language,
    b.device.time_zone,
    b.device.viewport,
    c.user_agent,
    c.browser,
    c.os,
    c.device_type,
    c.ip_network,
    c.asn as network_asn,
    c.network_owner,
    c.network_type,
    c.company_domain as network_company_domain,
    c.company_name as network_company_name,
    c.company_confidence as network_confidence,
    c.country,
    coalesce(c.is_bot, false) as is_bot,
    nullif(array_to_string(c.bot_reasons, ','), '') as bot_reasons,
    cast(b.properties as text) as properties,
    case when b.type is not null then true else try(json_type(body)) = 'OBJECT' end as _is_readable,
    body as _body,
    context as _context,
    cast(received_at as text) as _received_at
from located
left join contexts using (c_text)
"""

ORIGINAL = (
    "json_object('organization_id', organization_id, 'event_id', event_id, 'seq', seq, 'received_at', _received_at, "
    "'body', _body, 'context', _context)"
)


def _one_of(values: type[EventType | ConsentLevel]) -> str:
    return ", ".join(f"'{value}'" for value in values)


HAPPENED = "coalesce(epoch_us(received_at) - epoch_us(sent_at) + epoch_us(occurred_at), epoch_us(occurred_at))"
"""When it happened by our clock: a visitor's may be off by years, but its two readings differ by the true delay. In
microseconds, for arithmetic on timestamps with a zone costs as much as all the other rules together."""
YEAR_2000 = 946_684_800_000_000
HOURS_25 = 90_000_000_000

RULES = (
    RowRule("readable", "_is_readable", "the event is not a JSON object"),
    RowRule("known_type", f"type in ({_one_of(EventType)})", "the event has no type, or one we do not know"),
    RowRule("known_consent", f"consent in ({_one_of(ConsentLevel)})", "the consent level is not one we know"),
    RowRule("has_an_id", "length(event_id) between 1 and 64", "the event has no id, or one longer than 64 characters"),
    RowRule("has_a_time", "occurred_at is not null", "the event has no time, or one that cannot be read"),
    RowRule(
        "plausible_time",
        f"{HAPPENED} between {YEAR_2000} and epoch_us(received_at) + {HOURS_25}",
        "the event says it happened before 2000, or more than a day after it was received",
    ),
    RowRule("track_is_named", "type <> 'track' or name <> ''", "a custom event has no name"),
)

SUITE = (
    Expectation("a batch has events", "ExpectTableRowCountToBeBetween", {"min_value": 1}),
    Expectation(
        "an event comes once",
        "ExpectCompoundColumnsToBeUnique",
        {"column_list": ["organization_id", "event_id"]},
    ),
    Expectation("every event has a time", "ExpectColumnValuesToNotBeNull", {"column": "occurred_at"}),
    Expectation(
        "types are known", "ExpectColumnValuesToBeInSet", {"column": "type", "value_set": [str(x) for x in EventType]}
    ),
    Expectation(
        "pages have an address",
        "ExpectColumnValuesToNotBeNull",
        {"column": "page_host", "mostly": 0.5},
        is_error=False,
    ),
    Expectation(
        "ids fit the privacy level",
        "ExpectColumnValuesToBeInSet",
        {"column": "consent", "value_set": [str(x) for x in ConsentLevel]},
    ),
)

"""A store of a million contacts, written by the database itself in a minute or two: companies, scores, custom fields and the
words they are found by, as the product's own doors would have written them.

Names are popular or rare as names are (the square of an even draw), a tenth of the contacts is at one company, and one in a
thousand has the plan `sovereign`. The same number gives the same rows.
"""

from __future__ import annotations

import random

from sqlalchemy import Connection, text

from domain.search import room_of
from domain.tenancy import Actor, Scope
from storage.ops.repositories.attribute_definitions import AttributeDefinitions
from storage.ops.store import Store

FIRST_NAMES, LAST_NAMES, TITLES = 500, 5_000, 200
OWNERS = 20
FIELDS = (("Budget", "number"), ("Plan", "text"), ("Renewal on", "date"))
FIRST_RENEWAL = 739_617
"""Ordinal of 1 January 2026."""
ACTOR = Actor.system("bench")

NUMBERS = "with recursive numbers(i) as (select cast(0 as bigint) union all select i + 1 from numbers where i < {last})"


def fill(store: Store, owner: Connection, organization_id: str, contacts: int) -> None:
    """Writes an organization's contacts and a tenth as many companies. `owner` may do what the app may not."""
    with store.write(Scope.of(organization_id), ACTOR) as work:
        for label, data_type in FIELDS:
            AttributeDefinitions(work).ensure(label.lower().replace(" ", "_"), label=label, data_type=data_type)
    owner.execute(text("create temporary table names (kind varchar(10), number integer, shown varchar(80))"))
    owner.execute(text("create index names_by_number on names (kind, number)"))
    owner.execute(text("insert into names values (:kind, :number, :shown)"), _names())
    values = {"organization": organization_id, "room": room_of(organization_id), "none": False}
    for statement in _statements(Spelling(owner.dialect.name), contacts, max(10, contacts // 10)):
        owner.execute(text(statement), {name: value for name, value in values.items() if f":{name}" in statement})
    owner.execute(text("drop table names"))


class Spelling:
    """What the two dialects write differently, of a number."""

    def __init__(self, dialect: str) -> None:
        self._is_sqlite = dialect == "sqlite"

    def key(self, number: str, kind: str = "8") -> str:
        head = f"01900000-0000-7000-{kind}000-"
        return f"printf('{head}%012x', {number})" if self._is_sqlite else f"'{head}' || lpad(to_hex({number}), 12, '0')"

    def moment(self, number: str) -> str:
        """Ten seconds apart."""
        if self._is_sqlite:
            return f"strftime('%Y-%m-%d %H:%M:%S', '2026-01-01', '+' || ({number} * 10) || ' seconds') || '.000000'"
        return f"timestamptz '2026-01-01 00:00:00+00' + ({number}) * interval '10 seconds'"

    def date(self, days: str) -> str:
        return (
            f"date('2026-01-01', '+' || ({days}) || ' days')"
            if self._is_sqlite
            else f"(date '2026-01-01' + cast({days} as integer))"
        )

    def json(self, text: str) -> str:
        return text if self._is_sqlite else f"cast({text} as jsonb)"


def draw(purpose: int) -> str:
    """An even draw of 32 bits that belongs to the number `i` and a purpose (a multiplicative hash, Knuth 6.4)."""
    return f"((i + {purpose} * 7919) * {2_654_435_761 + 2 * 104_729 * purpose} % 4294967291 / 8)"


def _statements(say: Spelling, contacts: int, companies: int) -> list[str]:
    drawn = (
        NUMBERS.format(last=contacts - 1)
        + f"""
    , drawn as (
        select
            i, {draw(1)} % 1000 * ({draw(2)} % 1000) / 2000 as first_number, {draw(3)} % 1000 * ({draw(4)} % 5000) / 1000 as last_number,
            {draw(5)} % {TITLES} as title_number,
            case when i % 10 = 0 then 0 else {draw(6)} % {companies} end as company_number,
            {draw(7)} % 100 as stage_draw, {draw(8)} % 10 as source_draw, {draw(9)} % 30 as owner_draw, {draw(10)} % 100000 as budget,
            case when {draw(11)} % 1000 = 7 then 'sovereign' when {draw(11)} % 4 = 0 then 'free' when {draw(11)} % 4 = 1 then 'pro'
                 else 'business' end as plan,
            {draw(12)} % 1000 as renewal_day, {draw(13)} % 10000 / 100.0 as points
        from numbers
    )
    """
    )
    return [
        NUMBERS.format(last=companies - 1) + f"""
        insert into companies (company_id, organization_id, name, domain, industry, country, attributes, created_at, updated_at)
        select {say.key("i", "9")}, :organization, l.shown || ' ' || f.shown, lower(l.shown) || i || '.example', 'Software', 'DE',
               {say.json("'{}'")}, {say.moment("i")}, {say.moment("i")}
        from numbers
        join names l on l.kind = 'last' and l.number = i % {LAST_NAMES} join names f on f.kind = 'first' and f.number = i % 499
        """,
        f"""
        insert into company_summaries (
            company_id, organization_id, name, domain, industry, country, status, contact_count, visitor_count, session_count,
            page_view_count, deal_count, page_paths, activity, richness, quality, lookalike_summary, lookalike_reasons,
            last_seen_at, refreshed_at
        )
        select company_id, organization_id, name, domain, industry, country, 'prospect', 10, 0, 0, 0, 0, {say.json("'[]'")}, 1, 1, 2,
               '', {say.json("'[]'")}, created_at, created_at
        from companies where organization_id = :organization
        """,
        """
        insert into company_words (organization_id, company_id, words)
        select organization_id, company_id,
               :room || replace(lower(name), ' ', ' ' || :room) || ' ' || :room || replace(domain, '.', ' ' || :room)
        from company_summaries where organization_id = :organization
        """,
        drawn + f"""
        insert into contacts (
            contact_id, organization_id, company_id, email, external_id, first_name, last_name, title, phone, country,
            lifecycle_stage, owner_user_id, source, attributes, known_at, created_at, updated_at
        )
        select
            {say.key("i")}, :organization, {say.key("company_number", "9")},
            lower(f.shown || '.' || l.shown) || i || '@mail.example', 'crm-' || i, f.shown, l.shown, t.shown,
            '+49 30 ' || (1000000 + i), 'DE',
            case when stage_draw < 60 then 'lead' when stage_draw < 80 then 'mql' when stage_draw < 90 then 'sql'
                 when stage_draw < 95 then 'opportunity' when stage_draw < 99 then 'customer' else 'lost' end,
            case when owner_draw < {OWNERS} then 'owner-' || owner_draw end,
            case when source_draw < 7 then 'import' when source_draw < 9 then 'form' else 'api' end,
            {say.json("'{" + '"budget": ' + "' || budget || '" + ', "plan": "' + "' || plan || '" + '", "renewal_on": "' + "' || " + say.date("renewal_day") + " || '" + '"}' + "'")},
            {say.moment("i")}, {say.moment("i")}, {say.moment("i")}
        from drawn
        join names f on f.kind = 'first' and f.number = first_number
        join names l on l.kind = 'last' and l.number = last_number
        join names t on t.kind = 'title' and t.number = title_number
        """,
        """
        insert into contact_words (organization_id, contact_id, words, created_at)
        select
            c.organization_id, c.contact_id,
            :room || replace(lower(c.first_name || ' ' || c.last_name || ' mail example crm 49 30 ' || c.title || ' ' || m.name || ' '
                || replace(m.domain, '.', ' ') || ' ' || c.last_name || substr(c.external_id, 5) || ' ' || substr(c.external_id, 5) || ' '
                || substr(c.phone, 8) || ' 4930' || substr(c.phone, 8)), ' ', ' ' || :room),
            c.created_at
        from contacts c join companies m on m.company_id = c.company_id
        where c.organization_id = :organization order by c.contact_id
        """,
        drawn + f"""
        insert into scores (
            contact_id, organization_id, score, band, fit_score, engagement_score, grade, reasons, model_version, is_provisional,
            scored_at
        )
        select
            {say.key("i")}, :organization, points,
            case when points >= 97 then 'hot' when points >= 80 then 'warm' when points >= 50 then 'cool' else 'cold' end,
            points, points, 'B2', {say.json("'[]'")}, 'bench', :none, {say.moment("i")}
        from drawn where i % 5 <> 0
        """,
        drawn + f"""
        insert into contact_values (contact_id, key, organization_id, number_value, text_value)
        select {say.key("i")}, 'budget', :organization, budget, cast(null as varchar(200)) from drawn
        union all select {say.key("i")}, 'plan', :organization, null, plan from drawn
        union all select {say.key("i")}, 'renewal_on', :organization, {FIRST_RENEWAL} + renewal_day, null from drawn
        """,
    ]  # fmt: skip


def _names() -> list[dict[str, object]]:
    """Made-up names of two to four syllables, each once."""
    chance = random.Random(7)
    syllables = [consonant + vowel for consonant in "bcdfghjklmnprstvwz" for vowel in "aeiou"]
    rows: list[dict[str, object]] = []
    for kind, count, length in (("first", FIRST_NAMES, 2), ("last", LAST_NAMES, 3), ("title", TITLES, 2)):
        made: set[str] = set()
        while len(made) < count:
            made.add("".join(chance.choice(syllables) for _ in range(length + chance.randrange(2))).capitalize())
        shown = [f"Head of {name}" if kind == "title" else name for name in sorted(made, key=lambda name: name[::-1])]
        rows += [{"kind": kind, "number": number, "shown": name} for number, name in enumerate(shown)]
    return rows

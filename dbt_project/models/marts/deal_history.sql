-- One row per deal and state of it that was known for a while: from known_at until known_until (empty: still).
with

versions as (

    select
        versions.*,
        converted.amount_minor as converted_minor,
        converted.currency as organization_currency
    from {{ ref('int_deal_versions') }} as versions
    inner join {{ ref('int_amounts_converted') }} as converted
        on
            versions.organization_id = converted.organization_id
            and versions.deal_version_id = converted.amount_id
            and converted.amount_kind = 'deal_version'

),

entries as (

    select * from {{ ref('int_deal_entries') }}

),

moments as (

    select
        organization_id,
        deal_id,
        known_at
    from entries
    union
    select
        organization_id,
        deal_id,
        changed_at as known_at
    from versions

),

-- The first version stands for the time before the log as well: a history that was brought along has only that one.
with_versions as (

    select
        moments.known_at,
        versions.*
    from moments
    inner join versions
        on
            moments.organization_id = versions.organization_id
            and moments.deal_id = versions.deal_id
            and (versions.is_first or moments.known_at >= versions.changed_at)
            and (versions.changed_until is null or moments.known_at < versions.changed_until)

),

-- Of the entries known by then, the one that happened last.
with_entries as (

    select
        with_versions.*,
        entries.stage as entered_stage,
        entries.entered_at,
        row_number() over (
            partition by with_versions.organization_id, with_versions.deal_id, with_versions.known_at
            order by entries.entered_at desc, entries.seq desc
        ) as newest_first
    from with_versions
    left join entries
        on
            with_versions.organization_id = entries.organization_id
            and with_versions.deal_id = entries.deal_id
            and with_versions.known_at >= entries.known_at

),

with_ends as (

    select
        *,
        lead(known_at) over (partition by organization_id, deal_id order by known_at, seq) as known_until
    from with_entries
    where newest_first = 1

)

select
    organization_id,
    deal_id,
    known_at,
    known_until,
    is_deleted,
    pipeline,
    coalesce(entered_stage, stage) as stage,
    coalesce(entered_at, opened_at, changed_at) as stage_entered_at,
    converted_minor as amount_minor,
    organization_currency as currency,
    amount_minor as original_minor,
    currency as original_currency,
    expected_close_on,
    opened_at
from with_ends

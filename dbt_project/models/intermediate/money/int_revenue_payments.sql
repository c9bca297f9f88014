-- One row per payment of an entry of revenue that was due by the build.
{{ config(tags=['before_identity']) }}
with

entries as (

    select
        entries.organization_id,
        entries.revenue_entry_id,
        coalesce(deals.contact_id, entries.contact_id) as contact_id,
        entries.kind,
        amounts.amount_minor,
        entries.starts_on,
        least(
            coalesce(entries.ends_on, {{ local_day(as_of_at(), 'organizations.time_zone') }}),
            {{ local_day(as_of_at(), 'organizations.time_zone') }}
        ) as counted_to_on
    from {{ ref('stg_operational__revenue_entries') }} as entries
    inner join {{ ref('int_organizations_with_rules') }} as organizations
        on entries.organization_id = organizations.organization_id
    inner join {{ ref('int_amounts_converted') }} as amounts
        on
            entries.organization_id = amounts.organization_id
            and entries.revenue_entry_id = amounts.amount_id
            and amounts.amount_kind = 'revenue'
    left join {{ ref('stg_operational__deals') }} as deals
        on
            entries.organization_id = deals.organization_id
            and entries.deal_id = deals.deal_id

),

-- A recurring entry pays on its day of every month, the first included; another one once.
due as (

    select
        *,
        cast(date_trunc('month', starts_on) as date) as first_month_on,
        cast(date_trunc('month', case when kind = 'recurring' then counted_to_on else starts_on end) as date)
            as last_month_on
    from entries
    where counted_to_on >= starts_on and amount_minor is not null

),

payments as (

    select
        *,
        {{ months_between('first_month_on', 'last_month_on') }} as paid_month_on
    from due

)

select
    organization_id,
    revenue_entry_id,
    contact_id,
    kind,
    paid_month_on,
    amount_minor
from payments
where
    kind <> 'recurring'
    or paid_month_on < last_month_on
    or extract(day from counted_to_on) >= extract(day from starts_on)

-- One row per contact with revenue: what its one-off and recurring entries brought up to the build.
{{ config(tags=['before_identity']) }}
with

entries as (

    select
        entries.organization_id,
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

-- A recurring entry pays on its day of every month, the first included.
with_payments as (

    select
        *,
        case
            when counted_to_on < starts_on then 0
            when kind = 'one_off' then 1
            else
                (extract(year from counted_to_on) - extract(year from starts_on)) * 12
                + extract(month from counted_to_on) - extract(month from starts_on)
                + case when extract(day from counted_to_on) >= extract(day from starts_on) then 1 else 0 end
        end as payment_count
    from entries

)

select
    organization_id,
    contact_id,
    cast(sum(amount_minor * payment_count) as bigint) as revenue_minor
from with_payments
where contact_id is not null and amount_minor is not null
group by organization_id, contact_id

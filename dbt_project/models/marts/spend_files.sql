-- One row per file of spend and currency: what its lines state, and how much of it counts.
with

-- Rates may be missing and lines may be repeats; either way the line is counted here, with its reason.
spend as (

    select * from {{ ref('int_spend_by_channel') }}

)

select
    organization_id,
    batch_id,
    original_currency,
    currency,
    max(stated_at) as stated_at,
    min(spend_on) as first_spend_on,
    max(spend_on) as last_spend_on,
    count(*) as line_count,
    cast(sum(original_minor) as bigint) as original_minor,
    cast(coalesce(sum(cost_minor), 0) as bigint) as counted_minor,
    cast(coalesce(sum(repeated_minor), 0) as bigint) as repeated_minor,
    cast(coalesce(sum(case when is_unknown_channel then cost_minor end), 0) as bigint) as unassigned_minor,
    cast(coalesce(
        sum(case when cost_minor is null and repeated_minor is null then original_minor end), 0
    ) as bigint) as without_rate_minor
from spend
group by organization_id, batch_id, original_currency, currency

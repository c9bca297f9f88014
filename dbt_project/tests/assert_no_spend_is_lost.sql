-- A returned row is an organization whose spend by channel, and what is listed as stated twice, is not the sum of what
-- landed and could be converted.
{{ config(tags=['after_identity']) }}
with

landed as (

    select
        organization_id,
        sum(amount_minor) as amount_minor
    from {{ ref('int_amounts_converted') }}
    where amount_kind in ('ad_spend', 'spend')
    group by organization_id

),

reported as (

    select
        organization_id,
        sum(cost_minor) as cost_minor
    from {{ ref('channels_daily') }}
    group by organization_id

),

stated_twice as (

    select
        organization_id,
        sum(repeated_minor) as repeated_minor
    from {{ ref('int_spend_by_channel') }}
    group by organization_id

)

select landed.organization_id
from landed
left join reported on landed.organization_id = reported.organization_id
left join stated_twice on landed.organization_id = stated_twice.organization_id
where
    coalesce(landed.amount_minor, 0)
    <> coalesce(reported.cost_minor, 0) + coalesce(stated_twice.repeated_minor, 0)

-- A returned row is an organization whose spend by channel is not the sum of what landed and could be converted.
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

)

select landed.organization_id
from landed
left join reported on landed.organization_id = reported.organization_id
where coalesce(landed.amount_minor, 0) <> coalesce(reported.cost_minor, 0)

-- One row per contact and funnel stage, with the first time the contact entered it and the deal that brought it there.
{{ config(tags=['before_identity']) }}
with

mapped as (

    select * from {{ ref('int_stage_reports') }}

),

ranked as (

    select
        *,
        row_number() over (
            partition by organization_id, contact_id, stage
            order by entered_at, case when deal_id is null then 1 else 0 end, evidence_id
        ) as earliest_first,
        -- a deal carries the amount even where the contact's own history is a moment earlier
        first_value(deal_id) over (
            partition by organization_id, contact_id, stage
            order by case when deal_id is null then 1 else 0 end, entered_at, evidence_id
            rows between unbounded preceding and unbounded following
        ) as stage_deal_id
    from mapped
    where stage in ('lead', 'mql', 'sql', 'opportunity', 'customer')

)

select
    organization_id,
    contact_id,
    stage,
    case stage
        when 'lead' then 1 when 'mql' then 2 when 'sql' then 3 when 'opportunity' then 4 else 5
    end as stage_order,
    case when stage in ('opportunity', 'customer') then stage_deal_id end as deal_id,
    entered_at,
    known_at
from ranked
where earliest_first = 1

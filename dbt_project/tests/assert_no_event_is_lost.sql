-- A returned row is an organization some of whose accepted events are in no session.
{{ config(tags=['before_identity']) }}
with

landed as (

    select
        organization_id,
        count(distinct event_id) as event_count
    from {{ ref('stg_website_events__events') }}
    group by organization_id

),

sessionized as (

    select
        organization_id,
        count(*) as event_count
    from {{ ref('int_events_sessionized') }}
    group by organization_id

)

select landed.organization_id
from landed
left join sessionized on landed.organization_id = sessionized.organization_id
where landed.event_count <> coalesce(sessionized.event_count, 0)

-- One row per day (of the organization) and channel: visits, leads by last touch, and cost.
with

organizations as (

    select * from {{ ref('int_organizations_with_rules') }}

),

visits as (

    select
        sessions.organization_id,
        {{ local_day('sessions.started_at', 'organizations.time_zone') }} as day_on,
        sessions.channel,
        count(*) as session_count,
        count(distinct sessions.person_id) as visitor_count
    from {{ ref('sessions') }} as sessions
    inner join organizations on sessions.organization_id = organizations.organization_id
    where not sessions.is_bot
    group by 1, 2, 3

),

leads as (

    select
        credits.organization_id,
        {{ local_day('credits.converted_at', 'organizations.time_zone') }} as day_on,
        credits.channel,
        count(*) as lead_count
    from {{ ref('attribution_credits') }} as credits
    inner join organizations on credits.organization_id = organizations.organization_id
    where
        credits.model = 'last_touch' and credits.conversion_kind = 'lead' and credits.attribution_level = 'person'
    group by 1, 2, 3

),

costs as (

    select
        organization_id,
        spend_on as day_on,
        channel,
        sum(cost_minor) as cost_minor
    from {{ ref('int_spend_by_channel') }}
    group by 1, 2, 3

),

days as (

    select
        organization_id,
        day_on,
        channel
    from visits
    union
    select
        organization_id,
        day_on,
        channel
    from leads
    union
    select
        organization_id,
        day_on,
        channel
    from costs

)

select
    days.organization_id,
    days.day_on,
    days.channel,
    coalesce(visits.session_count, 0) as session_count,
    coalesce(visits.visitor_count, 0) as visitor_count,
    coalesce(leads.lead_count, 0) as lead_count,
    cast(costs.cost_minor as bigint) as cost_minor,
    organizations.currency
from days
inner join organizations on days.organization_id = organizations.organization_id
left join visits
    on
        days.organization_id = visits.organization_id
        and days.day_on = visits.day_on
        and days.channel = visits.channel
left join leads
    on
        days.organization_id = leads.organization_id
        and days.day_on = leads.day_on
        and days.channel = leads.channel
left join costs
    on
        days.organization_id = costs.organization_id
        and days.day_on = costs.day_on
        and days.channel = costs.channel

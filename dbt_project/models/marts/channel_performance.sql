-- One row per channel, attribution model and kind of conversion: what it brought and what it cost, all time.
with

credits as (

    select
        organization_id,
        channel,
        model,
        conversion_kind,
        sum(credit) as conversion_count,
        sum(credited_value_minor) as credited_value_minor
    from {{ ref('attribution_credits') }}
    group by organization_id, channel, model, conversion_kind

),

costs as (

    select
        organization_id,
        channel,
        sum(cost_minor) as cost_minor
    from {{ ref('int_spend_by_channel') }}
    group by organization_id, channel

),

visits as (

    select
        organization_id,
        channel,
        count(*) as session_count,
        count(distinct person_id) as visitor_count
    from {{ ref('sessions') }}
    where not is_bot
    group by organization_id, channel

),

models as (

    select distinct
        organization_id,
        model,
        conversion_kind
    from credits

),

channels as (

    select
        organization_id,
        channel
    from credits
    union
    select
        organization_id,
        channel
    from costs
    union
    select
        organization_id,
        channel
    from visits

),

-- A channel that costs or brings visits but no conversion is a row of its own.
grid as (

    select
        channels.organization_id,
        channels.channel,
        models.model,
        models.conversion_kind
    from channels
    inner join models on channels.organization_id = models.organization_id

)

select
    grid.organization_id,
    grid.channel,
    grid.model,
    grid.conversion_kind,
    coalesce(credits.conversion_count, 0.0) as conversion_count,
    coalesce(credits.credited_value_minor, 0.0) as credited_value_minor,
    organizations.currency,
    cast(costs.cost_minor as bigint) as cost_minor,
    case when credits.conversion_count > 0 then costs.cost_minor / credits.conversion_count end
        as cost_per_conversion_minor,
    coalesce(visits.session_count, 0) as session_count,
    coalesce(visits.visitor_count, 0) as visitor_count
from grid
inner join {{ ref('int_organizations_with_rules') }} as organizations
    on grid.organization_id = organizations.organization_id
left join credits
    on
        grid.organization_id = credits.organization_id
        and grid.channel = credits.channel
        and grid.model = credits.model
        and grid.conversion_kind = credits.conversion_kind
left join costs
    on
        grid.organization_id = costs.organization_id
        and grid.channel = costs.channel
left join visits
    on
        grid.organization_id = visits.organization_id
        and grid.channel = visits.channel

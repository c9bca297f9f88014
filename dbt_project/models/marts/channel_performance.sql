-- One row per channel, attribution model, kind of conversion and level: what it brought and what it cost, all time.
{{ config(tags=['after_attribution']) }}
with

conversions as (

    select * from {{ ref('conversions') }}

),

by_channel as (

    select
        weighed.organization_id,
        weighed.attribution_level,
        weighed.conversion_kind,
        weighed.channel,
        {{ for_each_rule(sum_of_credits('weighed.RULE') ~ ' as RULE_count') }},
        {{ for_each_rule(
            sum_of_credited_money('weighed.RULE * coalesce(conversions.value_minor, 0)') ~ ' as RULE_value_minor'
        ) }}
    from {{ ref('int_journeys_weighed') }} as weighed
    inner join conversions
        on
            weighed.organization_id = conversions.organization_id
            and weighed.conversion_id = conversions.conversion_id
    group by weighed.organization_id, weighed.attribution_level, weighed.conversion_kind, weighed.channel

),

by_rule as (

    {% for rule in attribution_rules() -%}
    select
        organization_id,
        attribution_level,
        conversion_kind,
        '{{ rule }}' as model,
        channel,
        {{ rule }}_count as conversion_count,
        {{ rule }}_value_minor as credited_value_minor
    from by_channel
    {{ "union all" if not loop.last }}
    {% endfor %}
),

by_solved_model as (

    select
        organization_id,
        attribution_level,
        conversion_kind,
        model,
        channel,
        conversion_count,
        value_minor as credited_value_minor
    from {{ source('attribution', 'credits') }}

),

touched as (

    select * from by_rule
    union all
    select * from by_solved_model

),

models as (

    select distinct
        organization_id,
        attribution_level,
        conversion_kind,
        model
    from touched

),

-- Rules hold for every conversion, also where none of a kind has a touch yet.
rules_of_kinds as (

    {% for rule in attribution_rules() -%}
    {% for level in ['person', 'account'] -%}
    select distinct
        organization_id,
        '{{ level }}' as attribution_level,
        kind as conversion_kind,
        '{{ rule }}' as model
    from conversions
    {{ "union all" if not loop.last }}
    {% endfor -%}
    {{ "union all" if not loop.last }}
    {% endfor %}
),

all_models as (

    select * from models
    union
    select * from rules_of_kinds

),

-- Conversions without a touch in their look-back stay visible, as Offline or Unassigned, under every model.
untouched as (

    select
        conversions.organization_id,
        levels.attribution_level,
        conversions.kind as conversion_kind,
        conversions.channel_without_touch as channel,
        count(*) as conversion_count,
        sum(coalesce(conversions.value_minor, 0)) as value_minor
    from conversions
    cross join (
        select 'person' as attribution_level
        union all
        select 'account' as attribution_level
    ) as levels
    left join (
        select distinct
            organization_id,
            attribution_level,
            conversion_id
        from {{ ref('int_journeys_weighed') }}
    ) as weighed
        on
            conversions.organization_id = weighed.organization_id
            and conversions.conversion_id = weighed.conversion_id
            and levels.attribution_level = weighed.attribution_level
    where weighed.conversion_id is null
    group by
        conversions.organization_id, levels.attribution_level, conversions.kind, conversions.channel_without_touch

),

credits as (

    select
        organization_id,
        attribution_level,
        conversion_kind,
        model,
        channel,
        -- The last digits of a sum depend on the order of its terms.
        round(sum(conversion_count), 9) as conversion_count,
        round(sum(credited_value_minor), 4) as credited_value_minor
    from (
        select * from touched
        union all
        select
            untouched.organization_id,
            untouched.attribution_level,
            untouched.conversion_kind,
            all_models.model,
            untouched.channel,
            cast(untouched.conversion_count as double) as conversion_count,
            cast(untouched.value_minor as double) as credited_value_minor
        from untouched
        inner join all_models
            on
                untouched.organization_id = all_models.organization_id
                and untouched.attribution_level = all_models.attribution_level
                and untouched.conversion_kind = all_models.conversion_kind
    ) as everything
    group by organization_id, attribution_level, conversion_kind, model, channel

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
        all_models.model,
        all_models.conversion_kind,
        all_models.attribution_level
    from channels
    inner join all_models on channels.organization_id = all_models.organization_id

)

select
    grid.organization_id,
    grid.channel,
    grid.model,
    grid.conversion_kind,
    grid.attribution_level,
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
        and grid.attribution_level = credits.attribution_level
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

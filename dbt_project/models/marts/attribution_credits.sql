-- One row per conversion, level, attribution rule and touchpoint that earns credit; credits of a conversion sum to one.
{{ config(materialized='view') }}
with

conversions as (

    select * from {{ ref('conversions') }}

),

weighed as (

    select * from {{ ref('int_journeys_weighed') }}

),

rules as (

    {% for rule in attribution_rules() -%}
    select '{{ rule }}' as model
    {{ "union all" if not loop.last }}
    {% endfor %}
),

levels as (

    select 'person' as attribution_level
    union all
    select 'account' as attribution_level

),

credited as (

    select
        weighed.organization_id,
        weighed.attribution_level,
        weighed.conversion_id,
        rules.model,
        weighed.touchpoint_id,
        weighed.channel,
        weighed.campaign,
        weighed.touched_at,
        case rules.model
            {% for rule in attribution_rules() -%}
            when '{{ rule }}' then weighed.{{ rule }}
            {% endfor %}
        end as credit
    from weighed
    cross join rules

)

-- A conversion without a touch in its look-back is credited to Offline or Unassigned, so that totals stay whole.
select
    conversions.organization_id,
    conversions.conversion_id,
    conversions.kind as conversion_kind,
    levels.attribution_level,
    rules.model,
    credited.touchpoint_id,
    coalesce(credited.channel, conversions.channel_without_touch) as channel,
    credited.campaign,
    credited.touched_at,
    conversions.converted_at,
    coalesce(credited.credit, 1.0) as credit,
    cast(conversions.value_minor as double) * coalesce(credited.credit, 1.0) as credited_value_minor,
    conversions.currency
from conversions
cross join levels
cross join rules
left join credited
    on
        conversions.organization_id = credited.organization_id
        and conversions.conversion_id = credited.conversion_id
        and levels.attribution_level = credited.attribution_level
        and rules.model = credited.model
where coalesce(credited.credit, 1.0) > 0

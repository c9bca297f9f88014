-- One row per conversion, attribution model and touchpoint that earns credit; credits of a conversion sum to one.
with

conversions as (

    select
        conversions.*,
        organizations.lookback_days
    from {{ ref('conversions') }} as conversions
    inner join {{ ref('int_organizations_with_rules') }} as organizations
        on conversions.organization_id = organizations.organization_id

),

paths as (

    select
        conversions.organization_id,
        conversions.conversion_id,
        touchpoints.touchpoint_id,
        touchpoints.channel,
        touchpoints.campaign,
        touchpoints.touched_at,
        row_number() over (
            partition by conversions.organization_id, conversions.conversion_id
            order by touchpoints.touched_at, touchpoints.touchpoint_id
        ) as position_from_first,
        count(*) over (
            partition by conversions.organization_id, conversions.conversion_id
        ) as touch_count
    from conversions
    inner join {{ ref('touchpoints') }} as touchpoints
        on
            conversions.organization_id = touchpoints.organization_id
            and conversions.person_id = touchpoints.person_id
            and touchpoints.touched_at <= conversions.converted_at
            and touchpoints.touched_at > {{ plus_days('conversions.converted_at', '-conversions.lookback_days') }}

),

credited as (

    select
        *,
        'first_touch' as model,
        cast(1.0 as double) as credit
    from paths
    where position_from_first = 1
    union all
    select
        *,
        'last_touch' as model,
        cast(1.0 as double) as credit
    from paths
    where position_from_first = touch_count
    union all
    select
        *,
        'linear' as model,
        cast(1.0 as double) / touch_count as credit
    from paths

),

models as (

    select 'first_touch' as model
    union all
    select 'last_touch' as model
    union all
    select 'linear' as model

)

-- A conversion without a touch in its look-back is credited to Unassigned, so that totals stay whole.
select
    conversions.organization_id,
    conversions.conversion_id,
    conversions.kind as conversion_kind,
    models.model,
    credited.touchpoint_id,
    coalesce(credited.channel, 'Unassigned') as channel,
    credited.campaign,
    credited.touched_at,
    conversions.converted_at,
    coalesce(credited.credit, 1.0) as credit,
    cast(conversions.value_minor as double) * coalesce(credited.credit, 1.0) as credited_value_minor,
    conversions.currency
from conversions
cross join models
left join credited
    on
        conversions.organization_id = credited.organization_id
        and conversions.conversion_id = credited.conversion_id
        and models.model = credited.model

-- One row per conversion, level and touch, with the share of the conversion that each rule gives the touch.
{{ config(tags=['after_identity']) }}
with

organizations as (

    select * from {{ ref('int_organizations_with_rules') }}

),

touches as (

    select * from {{ ref('int_journey_touches') }}
    where is_converted

),

conversions as (

    select * from {{ ref('conversions') }}

),

milestones as (

    select
        organization_id,
        contact_id,
        min(case when kind = 'lead' then converted_at end) as lead_at,
        min(case when kind = 'opportunity' then converted_at end) as opportunity_at
    from conversions
    group by organization_id, contact_id

),

-- The touch that made a lead or an opportunity is the last one up to that moment, where it came before the conversion.
with_milestones as (

    select
        touches.*,
        conversions.kind as conversion_kind,
        max(
            case
                when touches.touched_at <= milestones.lead_at and milestones.lead_at <= touches.ends_at
                    then touches.touch_number
            end
        ) over (
            partition by touches.organization_id, touches.attribution_level, touches.journey_id
        ) as lead_touch_number,
        max(
            case
                when
                    touches.touched_at <= milestones.opportunity_at
                    and milestones.opportunity_at <= touches.ends_at
                    then touches.touch_number
            end
        ) over (
            partition by touches.organization_id, touches.attribution_level, touches.journey_id
        ) as opportunity_touch_number,
        max(case when touches.channel <> 'Direct' then touches.touch_number end) over (
            partition by touches.organization_id, touches.attribution_level, touches.journey_id
        ) as last_other_number,
        max(touches.touched_at) over (
            partition by touches.organization_id, touches.attribution_level, touches.journey_id
        ) as last_touched_at
    from touches
    inner join conversions
        on
            touches.organization_id = conversions.organization_id
            and touches.journey_id = conversions.conversion_id
    left join milestones
        on
            conversions.organization_id = milestones.organization_id
            and conversions.contact_id = milestones.contact_id

),

with_parts as (

    select
        *,
        touch_number = 1 as is_first,
        touch_number = touch_count as is_last,
        coalesce(touch_number = lead_touch_number, false) as is_lead_touch,
        coalesce(touch_number = opportunity_touch_number, false) as is_opportunity_touch
    from with_milestones

),

counted as (

    select
        *,
        cast(sum(case when is_first or is_last then 0 else 1 end) over (
            partition by organization_id, attribution_level, journey_id
        ) as double) as between_ends_count,
        cast(sum(case when is_first or is_lead_touch or is_opportunity_touch then 0 else 1 end) over (
            partition by organization_id, attribution_level, journey_id
        ) as double) as outside_w_count,
        cast(sum(case when is_first or is_lead_touch or is_opportunity_touch or is_last then 0 else 1 end) over (
            partition by organization_id, attribution_level, journey_id
        ) as double) as without_part_count
    from with_parts

),

weighed as (

    select
        counted.organization_id,
        counted.attribution_level,
        counted.journey_id as conversion_id,
        counted.conversion_kind,
        counted.touchpoint_id,
        counted.channel,
        counted.campaign,
        counted.touched_at,
        counted.ends_at as converted_at,
        case when counted.is_first then 1.0 else 0.0 end as first_touch,
        case when counted.is_last then 1.0 else 0.0 end as last_touch,
        case
            when counted.touch_number = coalesce(counted.last_other_number, counted.touch_count) then 1.0 else 0.0
        end as last_non_direct,
        1.0 as linear,
        -- From the last touch, so that the weights of an old journey stay numbers; the shares are the same.
        power(
            cast(0.5 as double),
            {{ seconds_between('counted.touched_at', 'counted.last_touched_at') }}
            / 86400.0 / organizations.half_life_days
        ) as time_decay,
        {{ weight_of_parts(
            0.4, 0.0, 0.0, 0.4,
            'case when is_first or is_last then 0.0 else 0.2 / between_ends_count end'
        ) }} as u_shaped,
        {{ weight_of_parts(
            0.3, 0.3, 0.3, 0.0,
            'case when is_first or is_lead_touch or is_opportunity_touch then 0.0 else 0.1 / outside_w_count end'
        ) }} as w_shaped,
        {{ weight_of_parts(
            0.225, 0.225, 0.225, 0.225,
            'case when is_first or is_lead_touch or is_opportunity_touch or is_last then 0.0'
            ' else 0.1 / without_part_count end'
        ) }} as full_path,
        {{ weight_of_parts(
            'organizations.custom_first_share', 'organizations.custom_lead_share',
            'organizations.custom_opportunity_share', 'organizations.custom_last_share',
            'case when is_first or is_lead_touch or is_opportunity_touch or is_last then 0.0'
            ' else organizations.custom_others_share / without_part_count end'
        ) }} as custom,
        1.0 / counted.touch_count as even_share
    from counted
    inner join organizations on counted.organization_id = organizations.organization_id

),

sums as (

    select
        *,
        -- As decimals: the last digits of a sum of doubles depend on the order in which threads add them.
        {{ for_each_rule(
            'cast(sum(cast(RULE as decimal(28, 15))) over (partition by organization_id, attribution_level, conversion_id)'
            ' as double) as RULE_sum'
        ) }}
    from weighed

)

select
    organization_id,
    attribution_level,
    conversion_id,
    conversion_kind,
    touchpoint_id,
    channel,
    campaign,
    touched_at,
    converted_at,
    {{ for_each_rule(
        'cast(case when RULE_sum > 0 then RULE / RULE_sum else even_share end as double) as RULE'
    ) }}
from sums

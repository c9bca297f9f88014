-- One row per journey and touch that counts: within the look-back in days and steps, after the path transform.
{{ config(tags=['after_identity']) }}
with

organizations as (

    select * from {{ ref('int_organizations_with_rules') }}

),

touches as (

    select
        organization_id,
        'person' as attribution_level,
        person_id as actor_id,
        touchpoint_id,
        channel,
        campaign,
        touched_at
    from {{ ref('touchpoints') }}
    union all
    -- Whoever has no company is a buying group of one.
    select
        organization_id,
        'account' as attribution_level,
        coalesce(company_id, person_id) as actor_id,
        touchpoint_id,
        channel,
        campaign,
        touched_at
    from {{ ref('touchpoints') }}

),

-- What a person did before they were known has no company of its own: it is theirs.
companies_of_people as (

    select
        organization_id,
        person_id,
        min(company_id) as company_id
    from {{ ref('int_contacts_resolved') }}
    where company_id is not null
    group by organization_id, person_id

),

actors as (

    select
        touches.organization_id,
        touches.attribution_level,
        case
            when touches.attribution_level = 'account' then coalesce(companies.company_id, touches.actor_id)
            else touches.actor_id
        end as actor_id,
        touches.touchpoint_id,
        touches.channel,
        touches.campaign,
        touches.touched_at
    from touches
    left join companies_of_people as companies
        on
            touches.organization_id = companies.organization_id
            and touches.actor_id = companies.person_id

),

converted as (

    select
        conversions.organization_id,
        levels.attribution_level,
        conversions.conversion_id as journey_id,
        case
            when levels.attribution_level = 'account' then coalesce(conversions.company_id, conversions.person_id)
            else conversions.person_id
        end as actor_id,
        conversions.converted_at as ends_at
    from {{ ref('conversions') }} as conversions
    cross join (
        select 'person' as attribution_level
        union all
        select 'account' as attribution_level
    ) as levels

),

-- The journey of everybody as it stands, to their last touch: how those went who did not convert (yet).
open_journeys as (

    select
        organization_id,
        attribution_level,
        'open:' || actor_id as journey_id,
        actor_id,
        max(touched_at) as ends_at
    from actors
    group by organization_id, attribution_level, actor_id

),

journeys as (

    select * from converted
    union all
    select * from open_journeys

),

within_days as (

    select
        journeys.organization_id,
        journeys.attribution_level,
        journeys.journey_id,
        journeys.actor_id,
        journeys.ends_at,
        actors.touchpoint_id,
        actors.channel,
        actors.campaign,
        actors.touched_at,
        organizations.lookback_steps,
        organizations.path_transform,
        organizations.is_direct_removed,
        row_number() over (
            partition by journeys.organization_id, journeys.attribution_level, journeys.journey_id
            order by actors.touched_at desc, actors.touchpoint_id desc
        ) as newest_first_number,
        -- In the order of the number above, so that one sort serves both.
        sum(case when actors.channel = 'Direct' then 0 else 1 end) over (
            partition by journeys.organization_id, journeys.attribution_level, journeys.journey_id
            order by actors.touched_at desc, actors.touchpoint_id desc
            rows between unbounded preceding and unbounded following
        ) as other_count
    from journeys
    inner join organizations on journeys.organization_id = organizations.organization_id
    inner join actors
        on
            journeys.organization_id = actors.organization_id
            and journeys.attribution_level = actors.attribution_level
            and journeys.actor_id = actors.actor_id
            and actors.touched_at <= journeys.ends_at
            and actors.touched_at > {{ plus_days('journeys.ends_at', '-organizations.lookback_days') }}

),

without_direct as (

    select * from within_days
    where
        newest_first_number <= lookback_steps
        and (not is_direct_removed or channel <> 'Direct' or other_count = 0)

),

-- By the usual transform every touch counts: only the others need to know a touch's place among those of its channel.
numbered as (

    select
        *,
        cast(null as string) as previous_channel,
        1 as of_channel_number,
        1 as of_channel_newest_number
    from without_direct
    where path_transform = 'unique'
    union all
    select
        *,
        lag(channel) over (
            partition by organization_id, attribution_level, journey_id
            order by touched_at, touchpoint_id
        ) as previous_channel,
        row_number() over (
            partition by organization_id, attribution_level, journey_id, channel
            order by touched_at, touchpoint_id
        ) as of_channel_number,
        row_number() over (
            partition by organization_id, attribution_level, journey_id, channel
            order by touched_at desc, touchpoint_id desc
        ) as of_channel_newest_number
    from without_direct
    where path_transform <> 'unique'

),

transformed as (

    select * from numbered
    where
        case path_transform
            when 'unique' then true
            when 'first' then of_channel_number = 1
            when 'last' then of_channel_newest_number = 1
            else previous_channel is null or previous_channel <> channel
        end

)

select
    organization_id,
    attribution_level,
    journey_id,
    actor_id,
    journey_id not like 'open:%' as is_converted,
    touchpoint_id,
    channel,
    campaign,
    touched_at,
    ends_at,
    row_number() over (
        partition by organization_id, attribution_level, journey_id
        order by touched_at, touchpoint_id
    ) as touch_number,
    count(*) over (
        partition by organization_id, attribution_level, journey_id
        order by touched_at, touchpoint_id
        rows between unbounded preceding and unbounded following
    ) as touch_count
from transformed

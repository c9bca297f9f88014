-- One row per path of channels, level and kind of conversion: how often it ended in one, its value, and how often not.
{{ config(tags=['after_identity']) }}
with

touches as (

    select * from {{ ref('int_journey_touches') }}

),

conversions as (

    select * from {{ ref('conversions') }}

),

paths as (

    select
        organization_id,
        attribution_level,
        journey_id,
        actor_id,
        is_converted,
        {{ joined_in_order('channel', 'touch_number') }} as path,
        max(touch_count) as touch_count
    from touches
    group by organization_id, attribution_level, journey_id, actor_id, is_converted

),

ended as (

    select
        paths.organization_id,
        paths.attribution_level,
        conversions.kind as conversion_kind,
        paths.path,
        paths.touch_count,
        1 as conversion_count,
        conversions.value_minor,
        0 as null_count
    from paths
    inner join conversions
        on
            paths.organization_id = conversions.organization_id
            and paths.journey_id = conversions.conversion_id
    where paths.is_converted

),

reached as (

    select distinct
        organization_id,
        'person' as attribution_level,
        person_id as actor_id,
        kind as conversion_kind
    from conversions
    union
    select distinct
        organization_id,
        'account' as attribution_level,
        coalesce(company_id, person_id) as actor_id,
        kind as conversion_kind
    from conversions

),

kinds as (

    select distinct
        organization_id,
        kind as conversion_kind
    from conversions

),

-- Most never convert: they are counted once by path, and those who did are taken away again.
open_paths as (

    select
        paths.organization_id,
        paths.attribution_level,
        paths.path,
        paths.touch_count,
        count(*) as actor_count
    from paths
    where not paths.is_converted
    group by paths.organization_id, paths.attribution_level, paths.path, paths.touch_count

),

open_but_reached as (

    select
        paths.organization_id,
        paths.attribution_level,
        reached.conversion_kind,
        paths.path,
        count(*) as actor_count
    from paths
    inner join reached
        on
            paths.organization_id = reached.organization_id
            and paths.attribution_level = reached.attribution_level
            and paths.actor_id = reached.actor_id
    where not paths.is_converted
    group by paths.organization_id, paths.attribution_level, reached.conversion_kind, paths.path

),

missed as (

    select
        open_paths.organization_id,
        open_paths.attribution_level,
        kinds.conversion_kind,
        open_paths.path,
        open_paths.touch_count,
        0 as conversion_count,
        cast(null as bigint) as value_minor,
        open_paths.actor_count - coalesce(open_but_reached.actor_count, 0) as null_count
    from open_paths
    inner join kinds on open_paths.organization_id = kinds.organization_id
    left join open_but_reached
        on
            open_paths.organization_id = open_but_reached.organization_id
            and open_paths.attribution_level = open_but_reached.attribution_level
            and kinds.conversion_kind = open_but_reached.conversion_kind
            and open_paths.path = open_but_reached.path

),

unioned as (

    select * from ended
    union all
    select * from missed

),

counted as (

    select
        organization_id,
        attribution_level,
        conversion_kind,
        path,
        max(touch_count) as touch_count,
        cast(sum(conversion_count) as bigint) as conversion_count,
        cast(coalesce(sum(value_minor), 0) as bigint) as value_minor,
        cast(sum(null_count) as bigint) as null_count
    from unioned
    group by organization_id, attribution_level, conversion_kind, path

)

select * from counted
where conversion_count + null_count > 0

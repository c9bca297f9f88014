-- One row per funnel stage: how many people reached it or a later one, and how long the step took them.
with

stages as (

    select
        'visitor' as stage,
        0 as stage_order
    union all
    select
        'lead' as stage,
        1 as stage_order
    union all
    select
        'mql' as stage,
        2 as stage_order
    union all
    select
        'sql' as stage,
        3 as stage_order
    union all
    select
        'opportunity' as stage,
        4 as stage_order
    union all
    select
        'customer' as stage,
        5 as stage_order

),

entries as (

    select
        entries.organization_id,
        contacts.person_id,
        entries.stage_order,
        min(entries.entered_at) as entered_at
    from {{ ref('int_stage_entries') }} as entries
    inner join {{ ref('int_contacts_resolved') }} as contacts
        on
            entries.organization_id = contacts.organization_id
            and entries.contact_id = contacts.contact_id
    group by 1, 2, 3
    union all
    select
        organization_id,
        person_id,
        0 as stage_order,
        min(started_at) as entered_at
    from {{ ref('sessions') }}
    where not is_bot
    group by 1, 2

),

furthest as (

    select
        organization_id,
        person_id,
        max(stage_order) as furthest_order
    from entries
    group by 1, 2

),

-- Who reached a stage went through those before it, recorded or not (a lead from a list never visited).
reached as (

    select
        furthest.organization_id,
        stages.stage,
        stages.stage_order,
        count(*) as contact_count
    from furthest
    inner join stages on furthest.furthest_order >= stages.stage_order
    group by 1, 2, 3

),

steps as (

    select
        organization_id,
        stage_order,
        {{ seconds_between(
            'lag(entered_at) over (partition by organization_id, person_id order by stage_order)', 'entered_at'
        ) }} / 86400.0 as step_days
    from entries

),

durations as (

    select
        organization_id,
        stage_order,
        percentile_cont(0.5) within group (order by step_days) as median_days,
        percentile_cont(0.25) within group (order by step_days) as quarter_days,
        percentile_cont(0.75) within group (order by step_days) as three_quarter_days
    from steps
    where step_days >= 0
    group by 1, 2

),

moves as (

    select
        organization_id,
        stage,
        sum(case when is_reentry then 1 else 0 end) as reentry_count,
        sum(case when is_regression then 1 else 0 end) as regression_count,
        sum(case when skipped_count > 0 then 1 else 0 end) as skip_count
    from {{ ref('int_stage_movements') }}
    group by 1, 2

),

organizations as (

    select organization_id from {{ ref('int_organizations_with_rules') }}

),

grid as (

    select
        organizations.organization_id,
        stages.stage,
        stages.stage_order,
        coalesce(reached.contact_count, 0) as contact_count
    from organizations
    cross join stages
    left join reached
        on
            organizations.organization_id = reached.organization_id
            and stages.stage_order = reached.stage_order

),

with_previous as (

    select
        *,
        lag(contact_count) over (partition by organization_id order by stage_order) as previous_count
    from grid

)

select
    with_previous.organization_id,
    with_previous.stage,
    with_previous.stage_order,
    with_previous.contact_count,
    case
        when with_previous.previous_count > 0
            then cast(with_previous.contact_count as double) / with_previous.previous_count
    end as from_previous_rate,
    cast(durations.median_days as double) as median_days_from_previous,
    cast(durations.quarter_days as double) as quarter_days_from_previous,
    cast(durations.three_quarter_days as double) as three_quarter_days_from_previous,
    cast(coalesce(moves.reentry_count, 0) as bigint) as reentry_count,
    cast(coalesce(moves.regression_count, 0) as bigint) as regression_count,
    cast(coalesce(moves.skip_count, 0) as bigint) as skip_count
from with_previous
left join moves
    on
        with_previous.organization_id = moves.organization_id
        and with_previous.stage = moves.stage
left join durations
    on
        with_previous.organization_id = durations.organization_id
        and with_previous.stage_order = durations.stage_order

-- One row per cohort (month people were first seen in) and funnel stage: how many came that far by now.
with

organizations as (

    select * from {{ ref('int_organizations_with_rules') }}

),

stages as (

    select distinct
        stage,
        stage_order
    from {{ ref('funnel_stages') }}

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

people as (

    select
        entries.organization_id,
        entries.person_id,
        cast(date_trunc('month', {{ local_day('min(entries.entered_at)', 'min(organizations.time_zone)') }}) as date)
            as cohort_on,
        min(entries.entered_at) as first_at,
        max(entries.stage_order) as furthest_order
    from entries
    inner join organizations on entries.organization_id = organizations.organization_id
    group by 1, 2

),

reached as (

    select
        people.organization_id,
        people.cohort_on,
        stages.stage,
        stages.stage_order,
        sum(case when people.furthest_order >= stages.stage_order then 1 else 0 end) as reached_count,
        count(*) as person_count
    from people
    cross join stages
    group by 1, 2, 3, 4

),

durations as (

    select
        people.organization_id,
        people.cohort_on,
        entries.stage_order,
        percentile_cont(0.5) within group (
            order by {{ seconds_between('people.first_at', 'entries.entered_at') }} / 86400.0
        ) as median_days
    from entries
    inner join people
        on
            entries.organization_id = people.organization_id
            and entries.person_id = people.person_id
    group by 1, 2, 3

)

select
    reached.organization_id,
    reached.cohort_on,
    reached.stage,
    reached.stage_order,
    cast(reached.person_count as bigint) as person_count,
    cast(reached.reached_count as bigint) as reached_count,
    cast(reached.reached_count as double) / reached.person_count as reached_rate,
    cast(durations.median_days as double) as median_days_from_start
from reached
left join durations
    on
        reached.organization_id = durations.organization_id
        and reached.cohort_on = durations.cohort_on
        and reached.stage_order = durations.stage_order

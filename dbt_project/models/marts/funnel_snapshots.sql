-- One row per month and funnel stage: how many contacts stood there when the month ended, and who came in by which way.
with

moves as (

    select
        moves.organization_id,
        moves.contact_id,
        moves.move_number,
        moves.stage,
        moves.is_reentry,
        moves.is_regression,
        cast(date_trunc('month', {{ local_day('moves.entered_at', 'organizations.time_zone') }}) as date) as month_on,
        cast(date_trunc('month', {{ local_day('moves.left_at', 'organizations.time_zone') }}) as date) as left_month_on
    from {{ ref('int_stage_movements') }} as moves
    inner join {{ ref('int_organizations_with_rules') }} as organizations
        on moves.organization_id = organizations.organization_id

),

-- Every month from the first move to the build's, those too in which nobody moved.
spans as (

    select
        moves.organization_id,
        min(moves.month_on) as first_on,
        greatest(
            max(moves.month_on),
            cast(date_trunc('month', {{ local_day(as_of_at(), 'min(organizations.time_zone)') }}) as date)
        ) as last_on
    from moves
    inner join {{ ref('int_organizations_with_rules') }} as organizations
        on moves.organization_id = organizations.organization_id
    group by 1

),

months as (

    select
        organization_id,
        {{ months_between('first_on', 'last_on') }} as month_on
    from spans

),

stages as (

    select distinct stage from moves

),

standing as (

    select
        months.organization_id,
        months.month_on,
        moves.stage,
        count(*) as standing_count
    from months
    inner join moves
        on
            months.organization_id = moves.organization_id
            and moves.month_on <= months.month_on
            and (moves.left_month_on is null or moves.left_month_on > months.month_on)
    group by 1, 2, 3

),

entered as (

    select
        organization_id,
        month_on,
        stage,
        count(*) as entered_count,
        sum(case when is_reentry then 1 else 0 end) as reentry_count,
        sum(case when is_regression then 1 else 0 end) as regression_count
    from moves
    group by 1, 2, 3

)

select
    months.organization_id,
    months.month_on,
    stages.stage,
    cast(coalesce(standing.standing_count, 0) as bigint) as standing_count,
    cast(coalesce(entered.entered_count, 0) as bigint) as entered_count,
    cast(coalesce(entered.reentry_count, 0) as bigint) as reentry_count,
    cast(coalesce(entered.regression_count, 0) as bigint) as regression_count
from months
cross join stages
left join standing
    on
        months.organization_id = standing.organization_id
        and months.month_on = standing.month_on
        and stages.stage = standing.stage
left join entered
    on
        months.organization_id = entered.organization_id
        and months.month_on = entered.month_on
        and stages.stage = entered.stage

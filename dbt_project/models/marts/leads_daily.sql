-- One row per day (of the organization) on which somebody entered the funnel or sent a form.
with

organizations as (

    select * from {{ ref('int_organizations_with_rules') }}

),

happenings as (

    select
        organization_id,
        kind,
        converted_at as happened_at
    from {{ ref('conversions') }}
    where kind in ('lead', 'mql', 'customer')
    union all
    select
        organization_id,
        'form_submission' as kind,
        submitted_at as happened_at
    from {{ ref('stg_operational__form_submissions') }}
    where status = 'accepted'

)

select
    happenings.organization_id,
    {{ local_day('happenings.happened_at', 'organizations.time_zone') }} as day_on,
    count(case when happenings.kind = 'lead' then 1 end) as lead_count,
    count(case when happenings.kind = 'mql' then 1 end) as mql_count,
    count(case when happenings.kind = 'customer' then 1 end) as customer_count,
    count(case when happenings.kind = 'form_submission' then 1 end) as form_submission_count
from happenings
inner join organizations on happenings.organization_id = organizations.organization_id
group by 1, 2

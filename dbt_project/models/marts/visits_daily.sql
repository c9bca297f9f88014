-- One row per day of the last 91 and person on the site who is known, or whose company is.
with

organizations as (

    select * from {{ ref('int_organizations_with_rules') }}

),

sessions as (

    select * from {{ ref('int_sessions_resolved') }}
    where not is_bot

),

contacts as (

    select * from {{ ref('int_contacts_resolved') }}

),

companies as (

    select * from {{ ref('int_sessions_by_company') }}
    where company_id not like 'network:%'

),

known as (

    select
        sessions.organization_id,
        sessions.person_id,
        sessions.session_id,
        contacts.contact_id,
        companies.company_id,
        sessions.started_at,
        sessions.ended_at,
        sessions.page_view_count,
        {{ local_day('sessions.started_at', 'organizations.time_zone') }} as visited_on,
        row_number() over (
            partition by sessions.organization_id, sessions.person_id order by sessions.started_at, sessions.session_id
        ) as visit_number,
        lag(sessions.ended_at) over (
            partition by sessions.organization_id, sessions.person_id order by sessions.started_at, sessions.session_id
        ) as former_visit_at
    from sessions
    inner join organizations on sessions.organization_id = organizations.organization_id
    left join contacts
        on
            sessions.organization_id = contacts.organization_id
            and sessions.contact_id = contacts.contact_id
    left join companies
        on
            sessions.organization_id = companies.organization_id
            and sessions.session_id = companies.session_id
    where contacts.contact_id is not null or companies.company_id is not null

),

visits as (

    select * from known
    where started_at > {{ plus_days(as_of_at(), '-91') }} and started_at <= {{ as_of_at() }}

),

pages as (

    select
        visits.organization_id,
        visits.session_id,
        count(case when events.event_type = 'page_view' and {{ is_pricing_page('events.page_path') }} then 1 end)
            as pricing_view_count,
        count(case when events.event_type = 'file_download' then 1 end) as download_count
    from visits
    inner join {{ ref('int_events_sessionized') }} as places
        on
            visits.organization_id = places.organization_id
            and visits.session_id = places.session_id
    inner join {{ ref('int_events_timed') }} as events
        on
            places.organization_id = events.organization_id
            and places.event_id = events.event_id
    where
        places.event_at > {{ plus_days(as_of_at(), '-91') }}
        and events.event_at > {{ plus_days(as_of_at(), '-91') }}
    group by visits.organization_id, visits.session_id

)

select
    visits.organization_id,
    visits.person_id,
    visits.visited_on,
    {{ value_at_least('visits.contact_id', 'visits.visit_number') }} as contact_id,
    {{ value_at_least('visits.company_id', 'visits.visit_number') }} as company_id,
    {{ value_at_least('visits.session_id', 'visits.visit_number') }} as first_session_id,
    count(*) as session_count,
    cast(sum(visits.page_view_count) as bigint) as page_view_count,
    cast(coalesce(sum(pages.pricing_view_count), 0) as bigint) as pricing_view_count,
    cast(coalesce(sum(pages.download_count), 0) as bigint) as download_count,
    min(visits.started_at) as first_visit_at,
    max(visits.ended_at) as last_visit_at,
    {{ value_at_least('visits.former_visit_at', 'visits.visit_number') }} as former_visit_at
from visits
left join pages
    on
        visits.organization_id = pages.organization_id
        and visits.session_id = pages.session_id
group by visits.organization_id, visits.person_id, visits.visited_on

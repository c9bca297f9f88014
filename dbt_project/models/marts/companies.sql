-- One row per company: those of the CRM, and those that only a visitor's business network told us of.
with

companies as (

    select
        organization_id,
        company_id,
        name,
        lower(domain) as domain
    from {{ ref('stg_operational__companies') }}

),

contacts as (

    select * from {{ ref('int_contacts_resolved') }}
    where company_id is not null

),

sessions as (

    select * from {{ ref('int_sessions_resolved') }}
    where not is_bot

),

-- A visit counts for the company of its contact; where nobody is known, for that of its network.
visits as (

    select
        sessions.organization_id,
        sessions.person_id,
        sessions.started_at,
        sessions.ended_at,
        sessions.page_view_count,
        sessions.network_type,
        sessions.network_confidence,
        sessions.network_company_name,
        coalesce(contacts.company_id, by_domain.company_id, 'network:' || lower(sessions.network_company_domain))
            as company_id,
        case
            when contacts.company_id is null then lower(sessions.network_company_domain)
        end as network_domain
    from sessions
    left join contacts
        on
            sessions.organization_id = contacts.organization_id
            and sessions.contact_id = contacts.contact_id
    left join companies as by_domain
        on
            sessions.organization_id = by_domain.organization_id
            and lower(sessions.network_company_domain) = by_domain.domain

),

visits_of_companies as (

    select
        organization_id,
        company_id,
        max(network_domain) as network_domain,
        max(case when network_domain is not null then network_company_name end) as network_company_name,
        max(case when network_domain is not null then network_type end) as network_type,
        max(case when network_domain is not null then network_confidence end) as network_confidence,
        count(distinct person_id) as visitor_count,
        count(*) as session_count,
        sum(page_view_count) as page_view_count,
        min(started_at) as first_visit_at,
        max(ended_at) as last_visit_at
    from visits
    where company_id is not null
    group by organization_id, company_id

),

contacts_of_companies as (

    select
        organization_id,
        company_id,
        count(*) as contact_count,
        min(known_at) as first_known_at
    from contacts
    group by organization_id, company_id

),

all_companies as (

    select
        organization_id,
        company_id,
        name,
        domain
    from companies
    union all
    select
        organization_id,
        company_id,
        coalesce(network_company_name, network_domain) as name,
        network_domain as domain
    from visits_of_companies
    where company_id like 'network:%'

)

select
    all_companies.organization_id,
    all_companies.company_id,
    all_companies.name,
    all_companies.domain,
    coalesce(contacts_of_companies.contact_count, 0) as contact_count,
    coalesce(visits_of_companies.visitor_count, 0) as visitor_count,
    coalesce(visits_of_companies.session_count, 0) as session_count,
    cast(coalesce(visits_of_companies.page_view_count, 0) as bigint) as page_view_count,
    case
        when visits_of_companies.first_visit_at is null then contacts_of_companies.first_known_at
        when contacts_of_companies.first_known_at is null then visits_of_companies.first_visit_at
        else least(visits_of_companies.first_visit_at, contacts_of_companies.first_known_at)
    end as first_seen_at,
    coalesce(visits_of_companies.last_visit_at, contacts_of_companies.first_known_at) as last_seen_at,
    visits_of_companies.network_type,
    visits_of_companies.network_confidence
from all_companies
left join contacts_of_companies
    on
        all_companies.organization_id = contacts_of_companies.organization_id
        and all_companies.company_id = contacts_of_companies.company_id
left join visits_of_companies
    on
        all_companies.organization_id = visits_of_companies.organization_id
        and all_companies.company_id = visits_of_companies.company_id

-- One row per session of a person whose company is known: by the contact, else by the network the visit came from.
{{ config(tags=['after_identity']) }}
with

companies as (

    select
        organization_id,
        current_company_id as company_id,
        lower(domain) as domain
    from {{ ref('stg_operational__companies') }}

),

contacts as (

    select * from {{ ref('int_contacts_resolved') }}
    where company_id is not null

),

-- Access providers, mobile carriers and hosting name no company, whatever a row says.
sessions as (

    select
        *,
        case
            when network_type in ('business', 'education', 'government') then lower(network_company_domain)
        end as company_network_domain
    from {{ ref('int_sessions_resolved') }}
    where not is_bot

),

with_company as (

    select
        sessions.organization_id,
        sessions.session_id,
        sessions.visitor_id,
        sessions.person_id,
        sessions.started_at,
        sessions.ended_at,
        sessions.page_view_count,
        sessions.channel,
        sessions.network_type,
        sessions.network_confidence,
        sessions.network_company_name,
        coalesce(contacts.company_id, by_domain.company_id, 'network:' || sessions.company_network_domain)
            as company_id,
        case
            when contacts.company_id is null then sessions.company_network_domain
        end as network_domain
    from sessions
    left join contacts
        on
            sessions.organization_id = contacts.organization_id
            and sessions.contact_id = contacts.contact_id
    left join companies as by_domain
        on
            sessions.organization_id = by_domain.organization_id
            and sessions.company_network_domain = by_domain.domain

)

select * from with_company
where company_id is not null

-- One row per company: what it is, who works there, what they read, and where it stands with us.
with

companies as (

    select * from {{ ref('companies') }}

),

described as (

    select
        organization_id,
        company_id,
        coalesce({{ json_text('attributes', 'description') }}, {{ json_text('attributes', 'about') }}) as description,
        coalesce({{ json_text('attributes', 'technologies') }}, {{ json_text('attributes', 'tech_stack') }})
            as technologies
    from {{ ref('stg_operational__companies') }}
    where not is_merged

),

-- Only what was known before a company became a customer: or customers would be alike by what customers do.
titles as (

    select
        companies.organization_id,
        companies.company_id,
        contacts.title,
        count(*) as contact_count
    from {{ ref('stg_operational__contacts') }} as contacts
    inner join companies
        on
            contacts.organization_id = companies.organization_id
            and contacts.company_id = companies.company_id
    where
        contacts.title <> ''
        and not contacts.is_merged
        and (companies.became_customer_at is null or contacts.known_at < companies.became_customer_at)
    group by companies.organization_id, companies.company_id, contacts.title

),

titles_in_order as (

    select
        *,
        row_number() over (partition by organization_id, company_id order by contact_count desc, title asc) as place
    from titles

),

titles_of_companies as (

    select
        organization_id,
        company_id,
        {{ joined('title', ' | ', 'place') }} as titles
    from titles_in_order
    where place <= 5
    group by organization_id, company_id

),

visitors as (

    select distinct
        organization_id,
        visitor_id,
        company_id
    from {{ ref('int_sessions_by_company') }}

),

pages as (

    select
        companies.organization_id,
        companies.company_id,
        events.page_path,
        count(distinct events.visitor_id) as visitor_count,
        count(*) as view_count
    from {{ ref('int_events_timed') }} as events
    inner join visitors
        on
            events.organization_id = visitors.organization_id
            and events.visitor_id = visitors.visitor_id
    inner join companies
        on
            visitors.organization_id = companies.organization_id
            and visitors.company_id = companies.company_id
    where
        events.event_type = 'page_view'
        and not events.is_bot
        and events.page_path not in ('', '/')
        and (companies.became_customer_at is null or events.event_at < companies.became_customer_at)
    group by companies.organization_id, companies.company_id, events.page_path

),

pages_in_order as (

    select
        *,
        row_number() over (
            partition by organization_id, company_id order by visitor_count desc, view_count desc, page_path asc
        ) as place
    from pages

),

pages_of_companies as (

    select
        organization_id,
        company_id,
        {{ joined('page_path', ' | ', 'place') }} as page_paths
    from pages_in_order
    where place <= 5
    group by organization_id, company_id

)

select
    companies.organization_id,
    companies.company_id,
    companies.name,
    companies.domain,
    companies.industry,
    companies.employee_count,
    companies.country,
    described.description,
    described.technologies,
    titles_of_companies.titles,
    pages_of_companies.page_paths,
    companies.contact_count,
    companies.session_count,
    companies.is_customer,
    companies.has_open_deal,
    companies.is_lost,
    companies.became_customer_at
from companies
left join described
    on
        companies.organization_id = described.organization_id
        and companies.company_id = described.company_id
left join titles_of_companies
    on
        companies.organization_id = titles_of_companies.organization_id
        and companies.company_id = titles_of_companies.company_id
left join pages_of_companies
    on
        companies.organization_id = pages_of_companies.organization_id
        and companies.company_id = pages_of_companies.company_id

-- One row per company: those of the CRM, and those that only a visitor's business network told us of.
with

companies as (

    select
        organization_id,
        company_id,
        name,
        lower(domain) as domain,
        industry,
        employee_count,
        country
    from {{ ref('stg_operational__companies') }}
    where not is_merged

),

contacts as (

    select * from {{ ref('contacts') }}
    where company_id is not null

),

known_at as (

    select
        organization_id,
        contact_id,
        known_at
    from {{ ref('int_contacts_resolved') }}

),

deals as (

    select
        deals.organization_id,
        coalesce(deals.company_id, contacts.company_id) as company_id,
        deals.stage,
        deals.closed_at,
        deals.opened_at
    from {{ ref('stg_operational__deals') }} as deals
    left join contacts
        on
            deals.organization_id = contacts.organization_id
            and deals.contact_id = contacts.contact_id

),

visits as (

    select
        *,
        row_number() over (
            partition by organization_id, company_id order by started_at, session_id
        ) as first_first,
        row_number() over (
            partition by organization_id, company_id
            order by case when network_domain is null then 1 else 0 end, started_at desc, session_id desc
        ) as newest_of_network_first
    from {{ ref('int_sessions_by_company') }}

),

visits_of_companies as (

    select
        organization_id,
        company_id,
        max(case when newest_of_network_first = 1 then network_domain end) as network_domain,
        max(case when newest_of_network_first = 1 and network_domain is not null then network_company_name end)
            as network_company_name,
        max(case when newest_of_network_first = 1 and network_domain is not null then network_type end)
            as network_type,
        max(case when newest_of_network_first = 1 and network_domain is not null then network_confidence end)
            as network_confidence,
        max(case when first_first = 1 then channel end) as first_channel,
        count(distinct person_id) as visitor_count,
        count(*) as session_count,
        sum(page_view_count) as page_view_count,
        min(started_at) as first_visit_at,
        max(ended_at) as last_visit_at
    from visits
    group by organization_id, company_id

),

contacts_of_companies as (

    select
        contacts.organization_id,
        contacts.company_id,
        count(*) as contact_count,
        min(known_at.known_at) as first_known_at,
        min(contacts.became_customer_at) as became_customer_at,
        count(case when contacts.lifecycle_stage = 'customer' then 1 end) as customer_count,
        count(case when contacts.lifecycle_stage = 'lost' then 1 end) as lost_count
    from contacts
    inner join known_at
        on
            contacts.organization_id = known_at.organization_id
            and contacts.contact_id = known_at.contact_id
    group by contacts.organization_id, contacts.company_id

),

deals_of_companies as (

    select
        organization_id,
        company_id,
        count(*) as deal_count,
        count(case when stage = 'won' then 1 end) as won_count,
        count(case when stage = 'lost' then 1 end) as lost_count,
        count(case when stage not in ('won', 'lost') then 1 end) as open_count,
        min(case when stage = 'won' then coalesce(closed_at, opened_at) end) as first_won_at
    from deals
    where company_id is not null
    group by organization_id, company_id

),

all_companies as (

    select
        organization_id,
        company_id,
        name,
        domain,
        industry,
        employee_count,
        country
    from companies
    union all
    select
        organization_id,
        company_id,
        coalesce(network_company_name, network_domain) as name,
        network_domain as domain,
        cast(null as string) as industry,
        cast(null as integer) as employee_count,
        cast(null as string) as country
    from visits_of_companies
    where company_id like 'network:%'

)

select
    all_companies.organization_id,
    all_companies.company_id,
    all_companies.name,
    all_companies.domain,
    all_companies.industry,
    all_companies.employee_count,
    all_companies.country,
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
    visits_of_companies.first_channel,
    visits_of_companies.network_type,
    visits_of_companies.network_confidence,
    coalesce(deals_of_companies.deal_count, 0) as deal_count,
    coalesce(contacts_of_companies.customer_count, 0) + coalesce(deals_of_companies.won_count, 0) > 0
        as is_customer,
    coalesce(deals_of_companies.open_count, 0) > 0 as has_open_deal,
    coalesce(contacts_of_companies.customer_count, 0) + coalesce(deals_of_companies.won_count, 0) = 0
    and coalesce(deals_of_companies.open_count, 0) = 0
    and coalesce(contacts_of_companies.lost_count, 0) + coalesce(deals_of_companies.lost_count, 0) > 0
        as is_lost,
    case
        when contacts_of_companies.became_customer_at is null then deals_of_companies.first_won_at
        when deals_of_companies.first_won_at is null then contacts_of_companies.became_customer_at
        else least(contacts_of_companies.became_customer_at, deals_of_companies.first_won_at)
    end as became_customer_at
from all_companies
left join contacts_of_companies
    on
        all_companies.organization_id = contacts_of_companies.organization_id
        and all_companies.company_id = contacts_of_companies.company_id
left join visits_of_companies
    on
        all_companies.organization_id = visits_of_companies.organization_id
        and all_companies.company_id = visits_of_companies.company_id
left join deals_of_companies
    on
        all_companies.organization_id = deals_of_companies.organization_id
        and all_companies.company_id = deals_of_companies.company_id

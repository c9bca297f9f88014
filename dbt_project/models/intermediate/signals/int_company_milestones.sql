-- One row per company: when it was first known, and when anybody there first reached a stage or met us.
{{ config(tags=['after_identity']) }}
with

companies as (

    select * from {{ ref('stg_operational__companies') }}

),

contacts as (

    select
        organization_id,
        contact_id,
        company_id
    from {{ ref('stg_operational__contacts') }}
    where company_id is not null

),

-- A deal may name its company and nobody there.
of_deals as (

    select
        organization_id,
        company_id,
        case when stage = 'won' then 'customer' when stage <> 'lost' then 'opportunity' end as milestone,
        case when stage = 'won' then coalesce(closed_at, opened_at) else opened_at end as reached_at
    from {{ ref('stg_operational__deals') }}
    where company_id is not null
    union all
    select
        organization_id,
        company_id,
        'opportunity' as milestone,
        opened_at as reached_at
    from {{ ref('stg_operational__deals') }}
    where company_id is not null

),

of_contacts as (

    select
        contacts.organization_id,
        contacts.company_id,
        entries.stage as milestone,
        entries.entered_at as reached_at
    from {{ ref('int_stage_entries') }} as entries
    inner join contacts
        on
            entries.organization_id = contacts.organization_id
            and entries.contact_id = contacts.contact_id

),

meetings as (

    select
        activities.organization_id,
        coalesce(activities.company_id, contacts.company_id) as company_id,
        'meeting' as milestone,
        activities.occurred_at as reached_at
    from {{ ref('stg_operational__activities') }} as activities
    left join contacts
        on
            activities.organization_id = contacts.organization_id
            and activities.contact_id = contacts.contact_id
    where activities.kind = 'meeting'

),

unioned as (

    select * from of_deals
    union all
    select * from of_contacts
    union all
    select * from meetings

),

milestones as (

    select
        unioned.organization_id,
        companies.current_company_id as company_id,
        unioned.milestone,
        unioned.reached_at
    from unioned
    inner join companies
        on
            unioned.organization_id = companies.organization_id
            and unioned.company_id = companies.company_id

),

firsts as (

    select
        organization_id,
        company_id,
        min(case when milestone = 'lead' then reached_at end) as lead_at,
        min(case when milestone = 'mql' then reached_at end) as mql_at,
        min(case when milestone = 'sql' then reached_at end) as sql_at,
        min(case when milestone = 'meeting' then reached_at end) as meeting_at,
        min(case when milestone in ('opportunity', 'customer') then reached_at end) as opportunity_at,
        min(case when milestone = 'customer' then reached_at end) as customer_at
    from milestones
    group by organization_id, company_id

)

select
    companies.organization_id,
    companies.company_id,
    companies.created_at as known_at,
    firsts.lead_at,
    firsts.mql_at,
    firsts.sql_at,
    firsts.meeting_at,
    firsts.opportunity_at,
    firsts.customer_at
from companies
left join firsts
    on
        companies.organization_id = firsts.organization_id
        and companies.company_id = firsts.company_id
where not companies.is_merged

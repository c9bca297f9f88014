-- One row per report that a contact entered a funnel stage: of its own history, of its deals, or of where it stands.
{{ config(tags=['before_identity']) }}
with

contacts as (

    select * from {{ ref('stg_operational__contacts') }}
    where not is_merged

),

deals as (

    select * from {{ ref('stg_operational__deals') }}
    where contact_id is not null

),

of_contacts as (

    select
        organization_id,
        contact_id,
        to_stage as stage,
        cast(null as string) as deal_id,
        occurred_at as entered_at,
        known_at,
        lifecycle_change_id as evidence_id
    from {{ ref('stg_operational__lifecycle_changes') }}

),

of_deals as (

    select
        deals.organization_id,
        deals.contact_id,
        changes.to_stage as stage,
        deals.deal_id,
        changes.occurred_at as entered_at,
        changes.known_at,
        changes.deal_stage_change_id as evidence_id
    from {{ ref('stg_operational__deal_stage_changes') }} as changes
    inner join deals
        on
            changes.organization_id = deals.organization_id
            and changes.deal_id = deals.deal_id

),

-- Where a deal stands now counts too: imported deals may have no history.
of_deals_now as (

    select
        organization_id,
        contact_id,
        stage,
        deal_id,
        coalesce(closed_at, opened_at) as entered_at,
        coalesce(closed_at, opened_at) as known_at,
        deal_id as evidence_id
    from deals

),

-- The first thing that a contact's own history says, and when it first was more than a visitor. Lost is no such thing:
-- who was written to cold and never answered was no lead.
own_beginnings as (

    select
        organization_id,
        contact_id,
        coalesce(max(case when place = 1 then from_stage end), 'visitor') = 'visitor' as is_from_visitor,
        min(case when to_stage not in ('visitor', 'lost') then occurred_at end) as entered_at,
        min(case when to_stage not in ('visitor', 'lost') then known_at end) as known_at
    from (
        select
            *,
            row_number() over (
                partition by organization_id, contact_id order by occurred_at, lifecycle_change_id
            ) as place
        from {{ ref('stg_operational__lifecycle_changes') }}
    ) as own_changes
    group by organization_id, contact_id

),

-- Who is more than a visitor became a lead when their own history says so first, not when a visitor's record was made.
-- Where it says nothing of their beginning (a contact brought along as a lead), from the day we knew them.
of_knowing as (

    select
        contacts.organization_id,
        contacts.contact_id,
        'lead' as stage,
        cast(null as string) as deal_id,
        case
            when own_beginnings.is_from_visitor then own_beginnings.entered_at else contacts.known_at
        end as entered_at,
        case
            when own_beginnings.is_from_visitor then own_beginnings.known_at else contacts.known_at
        end as known_at,
        contacts.contact_id as evidence_id
    from contacts
    left join own_beginnings
        on
            contacts.organization_id = own_beginnings.organization_id
            and contacts.contact_id = own_beginnings.contact_id
    where
        contacts.lifecycle_stage <> 'visitor'
        and (not coalesce(own_beginnings.is_from_visitor, false) or own_beginnings.entered_at is not null)

),

-- The stage a contact stands in now, where no history says when it got there.
of_standing as (

    select
        contacts.organization_id,
        contacts.contact_id,
        contacts.lifecycle_stage as stage,
        cast(null as string) as deal_id,
        contacts.known_at as entered_at,
        contacts.known_at,
        contacts.contact_id as evidence_id
    from contacts
    left join of_contacts
        on
            contacts.organization_id = of_contacts.organization_id
            and contacts.contact_id = of_contacts.contact_id
            and contacts.lifecycle_stage = of_contacts.stage
    where of_contacts.contact_id is null

),

entries as (

    select * from of_contacts
    union all
    select * from of_deals
    union all
    select of_deals_now.*
    from of_deals_now
    left join of_deals
        on
            of_deals_now.organization_id = of_deals.organization_id
            and of_deals_now.deal_id = of_deals.deal_id
            and of_deals_now.stage = of_deals.stage
    where of_deals.deal_id is null
    union all
    select * from of_knowing
    union all
    select * from of_standing

)

select
    organization_id,
    contact_id,
    case
        when stage in ('proposal', 'negotiation') then 'opportunity'
        when stage = 'won' then 'customer'
        else stage
    end as stage,
    case stage
        when 'visitor' then 0 when 'lead' then 1 when 'mql' then 2 when 'sql' then 3
        when 'opportunity' then 4 when 'proposal' then 4 when 'negotiation' then 4
        when 'customer' then 5 when 'won' then 5
    end as stage_order,
    deal_id,
    entered_at,
    known_at,
    evidence_id
from entries
where
    stage in (
        'visitor', 'lead', 'mql', 'sql', 'opportunity', 'proposal', 'negotiation', 'customer', 'won', 'lost'
    )

-- One row per contact and funnel stage it entered, at its first entry.
with

entries as (

    select * from {{ ref('int_stage_entries') }}

),

contacts as (

    select * from {{ ref('int_contacts_resolved') }}

),

amounts as (

    select * from {{ ref('int_amounts_converted') }}
    where amount_kind = 'deal'

)

select
    entries.organization_id,
    {{ key_of(['entries.contact_id', 'entries.stage']) }} as conversion_id,
    contacts.person_id,
    entries.contact_id,
    contacts.company_id,
    entries.stage as kind,
    entries.entered_at as converted_at,
    entries.deal_id,
    amounts.amount_minor as value_minor,
    organizations.currency,
    amounts.original_minor as original_value_minor,
    amounts.original_currency,
    -- What came by a list, another system or a person's hand was not met on the site: HubSpot's "offline sources".
    case
        when coalesce(records.source, '') in ('form', 'identify', '') then 'Unassigned' else 'Offline'
    end as channel_without_touch
from entries
inner join contacts
    on
        entries.organization_id = contacts.organization_id
        and entries.contact_id = contacts.contact_id
inner join {{ ref('stg_operational__contacts') }} as records
    on
        entries.organization_id = records.organization_id
        and entries.contact_id = records.contact_id
inner join {{ ref('int_organizations_with_rules') }} as organizations
    on entries.organization_id = organizations.organization_id
left join amounts
    on
        entries.organization_id = amounts.organization_id
        and entries.deal_id = amounts.amount_id

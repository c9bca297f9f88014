-- One row per contact that was not merged into another, with the person it belongs to.
{{ config(tags=['after_identity', 'pii']) }}
select
    contacts.organization_id,
    contacts.contact_id,
    coalesce(components.person_id, 'contact:' || contacts.contact_id) as person_id,
    contacts.company_id,
    contacts.lifecycle_stage,
    contacts.known_at
from {{ ref('stg_operational__contacts') }} as contacts
left join {{ source('identity', 'components') }} as components
    on
        contacts.organization_id = components.organization_id
        and 'contact:' || contacts.contact_id = components.node
where not contacts.is_merged

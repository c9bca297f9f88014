-- One row per hashed address of a contact, with the contact that holds it now, or that held it before it was corrected.
{{ config(tags=['before_identity']) }}
with

contacts as (

    select
        organization_id,
        email_hash,
        contact_id,
        current_contact_id,
        known_at,
        row_number() over (
            partition by organization_id, email_hash order by known_at, contact_id
        ) as oldest_first
    from {{ ref('stg_operational__contacts') }}
    where email_hash is not null

),

former_addresses as (

    select
        decisions.organization_id,
        substr(decisions.right_node, 7) as email_hash,
        contacts.current_contact_id,
        contacts.known_at,
        row_number() over (
            partition by decisions.organization_id, decisions.right_node
            order by decisions.decided_at desc, contacts.contact_id asc
        ) as newest_first
    from {{ ref('int_identity_decisions_standing') }} as decisions
    inner join {{ ref('stg_operational__contacts') }} as contacts
        on
            decisions.organization_id = contacts.organization_id
            and decisions.left_node = 'contact:' || contacts.contact_id
    where decisions.rule = 'former_address' and decisions.verdict = 'same'

)

select
    organization_id,
    email_hash,
    current_contact_id as contact_id,
    known_at
from contacts
where oldest_first = 1

union all

select
    organization_id,
    email_hash,
    current_contact_id as contact_id,
    known_at
from former_addresses
where newest_first = 1

-- One row per hashed address of a contact, with the contact that holds it now.
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

)

select
    organization_id,
    email_hash,
    current_contact_id as contact_id,
    known_at
from contacts
where oldest_first = 1

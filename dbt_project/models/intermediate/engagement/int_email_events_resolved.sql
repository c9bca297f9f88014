-- One row per event of an outbound message, with the contact it is about.
{{ config(tags=['before_identity']) }}
select
    events.organization_id,
    events.email_event_id,
    events.event_type,
    events.message_id,
    events.campaign,
    events.sequence_step,
    coalesce(contacts.contact_id, owners.contact_id) as contact_id,
    events.is_machine,
    events.occurred_at,
    -- When we could have known of it: files of history are backdated, so the event's own time counts.
    events.occurred_at as known_at
from {{ ref('stg_email_engagement__events') }} as events
left join {{ ref('stg_operational__contacts') }} as contacts
    on
        events.organization_id = contacts.organization_id
        and events.contact_id = contacts.contact_id
left join {{ ref('int_email_owners') }} as owners
    on
        events.organization_id = owners.organization_id
        and events.email_hash = owners.email_hash

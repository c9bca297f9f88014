-- One row per event on LinkedIn, with the contact it is about.
{{ config(tags=['before_identity']) }}
with

-- One event of a profile may carry an address; it speaks for all events of that profile.
profiles as (

    select
        events.organization_id,
        events.person_key,
        min(owners.contact_id) as contact_id
    from {{ ref('stg_linkedin_engagement__events') }} as events
    inner join {{ ref('int_email_owners') }} as owners
        on
            events.organization_id = owners.organization_id
            and events.email_hash = owners.email_hash
    where events.person_key is not null
    group by events.organization_id, events.person_key
    having count(distinct owners.contact_id) = 1

)

select
    events.organization_id,
    events.linkedin_event_id,
    events.event_type,
    events.campaign,
    events.person_key,
    coalesce(owners.contact_id, profiles.contact_id) as contact_id,
    events.occurred_at
from {{ ref('stg_linkedin_engagement__events') }} as events
left join {{ ref('int_email_owners') }} as owners
    on
        events.organization_id = owners.organization_id
        and events.email_hash = owners.email_hash
left join profiles
    on
        events.organization_id = profiles.organization_id
        and events.person_key = profiles.person_key

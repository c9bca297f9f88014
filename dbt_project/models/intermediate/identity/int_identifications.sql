-- One row per time that somebody was identified in a browser.
{{ config(tags=['before_identity']) }}
with

-- Only full consent lets an event be linked to a person, and a machine is nobody.
events as (

    select
        events.organization_id,
        events.anonymous_id,
        events.contact_id,
        events.email_hash,
        events.event_at as observed_at,
        events.received_at as known_at,
        'event:' || events.event_id as evidence,
        case events.event_type
            when 'identify' then 'identify_event'
            when 'form_submit' then 'form_event'
            else 'event_of_contact'
        end as rule,
        case events.event_type when 'identify' then 0.7 when 'form_submit' then 0.8 else 0.6 end as confidence
    from {{ ref('int_events_timed') }} as events
    inner join {{ ref('int_events_sessionized') }} as sessionized
        on
            events.organization_id = sessionized.organization_id
            and events.event_id = sessionized.event_id
    where
        events.anonymous_id is not null
        and (events.contact_id is not null or events.email_hash is not null)
        and events.consent_level = 'full'
        -- As a filter, not a join: three joins that share organization_id tempt the planner into sessions times events.
        and exists (
            select 1 from {{ ref('int_sessions_judged') }} as sessions
            where
                sessions.organization_id = sessionized.organization_id
                and sessions.session_id = sessionized.session_id
                and not sessions.is_bot
        )

),

forms as (

    select
        organization_id,
        anonymous_id,
        contact_id,
        cast(null as string) as email_hash,
        submitted_at as observed_at,
        submitted_at as known_at,
        'form_submission:' || form_submission_id as evidence,
        'form_submission' as rule,
        0.9 as confidence
    from {{ ref('stg_operational__form_submissions') }}
    where anonymous_id is not null and contact_id is not null and status = 'accepted'

),

observations as (

    select * from events
    union all
    select * from forms

),

resolved as (

    select
        observations.*,
        coalesce(contacts.current_contact_id, owners.contact_id) as resolved_contact_id
    from observations
    left join {{ ref('stg_operational__contacts') }} as contacts
        on
            observations.organization_id = contacts.organization_id
            and observations.contact_id = contacts.contact_id
    left join {{ ref('int_email_owners') }} as owners
        on
            observations.organization_id = owners.organization_id
            and observations.email_hash = owners.email_hash

)

select
    organization_id,
    anonymous_id,
    coalesce('contact:' || resolved_contact_id, 'email:' || email_hash) as identity_node,
    resolved_contact_id as contact_id,
    rule,
    evidence,
    confidence,
    observed_at,
    known_at
from resolved
where resolved_contact_id is not null or email_hash is not null

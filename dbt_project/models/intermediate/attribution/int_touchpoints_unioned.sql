-- One row per human touch that may earn credit, of any kind.
{{ config(tags=['after_identity']) }}
with

sessions as (

    select * from {{ ref('int_sessions_resolved') }}
    where not is_bot

),

contacts as (

    select * from {{ ref('int_contacts_resolved') }}

),

of_sessions as (

    select
        organization_id,
        session_id as touchpoint_id,
        person_id,
        contact_id,
        started_at as touched_at,
        channel,
        source,
        medium,
        campaign,
        'session' as kind,
        session_id
    from sessions

),

-- Clicks and replies of people; opens are made by machines too often to count.
of_email as (

    select
        organization_id,
        {{ key_of(["'email'", 'email_event_id']) }} as touchpoint_id,
        cast(null as string) as person_id,
        contact_id,
        occurred_at as touched_at,
        'Outbound Email' as channel,
        'outbound' as source,
        'email' as medium,
        campaign,
        case event_type when 'replied' then 'email_reply' else 'email_click' end as kind,
        cast(null as string) as session_id
    from {{ ref('int_email_events_resolved') }}
    where event_type in ('replied', 'clicked') and not is_machine and contact_id is not null

),

-- What they did; what we sent is no touch of theirs.
of_linkedin as (

    select
        organization_id,
        {{ key_of(["'linkedin'", 'linkedin_event_id']) }} as touchpoint_id,
        case when contact_id is null then 'linkedin:' || person_key end as person_id,
        contact_id,
        occurred_at as touched_at,
        'LinkedIn' as channel,
        'linkedin' as source,
        event_type as medium,
        campaign,
        'linkedin_' || event_type as kind,
        cast(null as string) as session_id
    from {{ ref('int_linkedin_events_resolved') }}
    where
        event_type in ('connected', 'invitation_received', 'message_received', 'lead_form_response')
        and (contact_id is not null or person_key is not null)

),

-- A form within a session is part of that touch; one from elsewhere (embedded, no script) is a touch of its own.
forms as (

    select
        submissions.organization_id,
        submissions.form_submission_id,
        submissions.contact_id,
        submissions.submitted_at,
        lower({{ json_text('submissions.utm', 'source') }}) as utm_source,
        lower({{ json_text('submissions.utm', 'medium') }}) as utm_medium,
        {{ json_text('submissions.utm', 'campaign') }} as utm_campaign
    from {{ ref('stg_operational__form_submissions') }} as submissions
    left join sessions
        on
            submissions.organization_id = sessions.organization_id
            and submissions.anonymous_id = sessions.anonymous_id
            and submissions.submitted_at between sessions.started_at - interval '30 minutes'
            and sessions.ended_at + interval '30 minutes'
    where
        submissions.status = 'accepted'
        and submissions.contact_id is not null
        and sessions.session_id is null

),

of_forms as (

    select
        forms.organization_id,
        {{ key_of(["'form'", 'forms.form_submission_id']) }} as touchpoint_id,
        cast(null as string) as person_id,
        forms.contact_id,
        forms.submitted_at as touched_at,
        {{ default_channel_group(
            'forms.utm_source', 'forms.utm_medium', 'lower(forms.utm_campaign)', 'sources.category'
        ) }}
            as channel,
        coalesce(forms.utm_source, '(direct)') as source,
        coalesce(forms.utm_medium, '(none)') as medium,
        forms.utm_campaign as campaign,
        'form' as kind,
        cast(null as string) as session_id
    from forms
    left join {{ ref('int_sources_classified') }} as sources on forms.utm_source = sources.source_text

),

of_activities as (

    select
        organization_id,
        {{ key_of(["'activity'", 'activity_id']) }} as touchpoint_id,
        cast(null as string) as person_id,
        contact_id,
        occurred_at as touched_at,
        case kind when 'call' then 'Call' when 'meeting' then 'Meeting' else 'Chat' end as channel,
        'crm' as source,
        kind as medium,
        cast(null as string) as campaign,
        kind,
        cast(null as string) as session_id
    from {{ ref('stg_operational__activities') }}
    where
        kind in ('call', 'meeting', 'chat')
        and contact_id is not null
        and not coalesce(is_automated, false)

),

unioned as (

    select * from of_sessions
    union all
    select * from of_email
    union all
    select * from of_linkedin
    union all
    select * from of_forms
    union all
    select * from of_activities

)

select
    unioned.organization_id,
    unioned.touchpoint_id,
    coalesce(contacts.person_id, unioned.person_id) as person_id,
    contacts.contact_id,
    contacts.company_id,
    unioned.touched_at,
    unioned.channel,
    unioned.source,
    unioned.medium,
    unioned.campaign,
    unioned.kind,
    unioned.session_id
from unioned
left join contacts
    on
        unioned.organization_id = contacts.organization_id
        and unioned.contact_id = contacts.contact_id
where coalesce(contacts.person_id, unioned.person_id) is not null

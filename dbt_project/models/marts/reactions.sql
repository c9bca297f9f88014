-- One row per time within the last 91 days that a contact answered, followed a link of ours, or sent a form.
with

contacts as (

    select * from {{ ref('int_contacts_resolved') }}

),

current_contacts as (

    select * from {{ ref('stg_operational__contacts') }}

),

mail as (

    select
        *,
        row_number() over (
            partition by organization_id, contact_id, event_type, coalesce(message_id, email_event_id), link_url
            order by occurred_at, email_event_id
        ) as time_number
    from {{ ref('int_email_events_resolved') }}
    where event_type in ('clicked', 'replied') and not is_machine and contact_id is not null

),

-- Opens are made by machines too often to count. A link that is followed again is one reaction.
of_mail as (

    select
        mail.organization_id,
        {{ key_of(["'email'", 'mail.email_event_id']) }} as reaction_id,
        case mail.event_type when 'replied' then 'email_reply' else 'email_click' end as kind,
        mail.contact_id,
        mail.campaign,
        {{ json_text('told.detail', 'intent') }} as intent,
        mail.link_url as page_url,
        mail.occurred_at
    from mail
    left join {{ ref('stg_operational__message_events') }} as told
        on
            mail.organization_id = told.organization_id
            and mail.email_event_id = told.message_event_id
    where mail.time_number = 1

),

of_linkedin as (

    select
        organization_id,
        {{ key_of(["'linkedin'", 'linkedin_event_id']) }} as reaction_id,
        'linkedin_' || event_type as kind,
        contact_id,
        campaign,
        cast(null as string) as intent,
        cast(null as string) as page_url,
        occurred_at
    from {{ ref('int_linkedin_events_resolved') }}
    where
        event_type in ('connected', 'invitation_received', 'message_received', 'lead_form_response')
        and contact_id is not null

),

of_forms as (

    select
        submissions.organization_id,
        {{ key_of(["'form'", 'submissions.form_submission_id']) }} as reaction_id,
        'form' as kind,
        current_contacts.current_contact_id as contact_id,
        forms.name as campaign,
        cast(null as string) as intent,
        submissions.page_url,
        submissions.submitted_at as occurred_at
    from {{ ref('stg_operational__form_submissions') }} as submissions
    inner join current_contacts
        on
            submissions.organization_id = current_contacts.organization_id
            and submissions.contact_id = current_contacts.contact_id
    left join {{ ref('stg_operational__forms') }} as forms
        on
            submissions.organization_id = forms.organization_id
            and submissions.form_id = forms.form_id
    where submissions.status = 'accepted'

),

unioned as (

    select * from of_mail
    union all
    select * from of_linkedin
    union all
    select * from of_forms

)

select
    unioned.organization_id,
    unioned.reaction_id,
    unioned.kind,
    contacts.contact_id,
    contacts.company_id,
    unioned.campaign,
    unioned.intent,
    unioned.page_url,
    unioned.occurred_at
from unioned
inner join contacts
    on
        unioned.organization_id = contacts.organization_id
        and unioned.contact_id = contacts.contact_id
where
    unioned.occurred_at > {{ plus_days(as_of_at(), '-91') }}
    and unioned.occurred_at <= {{ as_of_at() }}

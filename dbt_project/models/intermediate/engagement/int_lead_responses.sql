-- One row per lead: when it came in, when somebody first reached out, when it first answered, and when it first met us.
{{ config(tags=['after_identity']) }}
with

leads as (

    select
        entries.organization_id,
        entries.contact_id,
        entries.entered_at as lead_at,
        cast(date_trunc('month', {{ local_day('entries.entered_at', 'organizations.time_zone') }}) as date)
            as lead_month_on
    from {{ ref('int_stage_entries') }} as entries
    inner join {{ ref('int_organizations_with_rules') }} as organizations
        on entries.organization_id = organizations.organization_id
    where entries.stage = 'lead'

),

-- What we did, what they did, and meetings; what machines answered counts as nothing.
acts as (

    select
        organization_id,
        contact_id,
        occurred_at,
        case event_type when 'sent' then 'contact' else 'response' end as act
    from {{ ref('int_email_events_resolved') }}
    where contact_id is not null and (event_type = 'sent' or (event_type = 'replied' and not is_machine))
    union all
    select
        organization_id,
        contact_id,
        occurred_at,
        case when event_type in ('invitation_sent', 'message_sent') then 'contact' else 'response' end as act
    from {{ ref('int_linkedin_events_resolved') }}
    where
        contact_id is not null
        and event_type in ('invitation_sent', 'message_sent', 'message_received', 'connected')
    union all
    select
        organization_id,
        contact_id,
        occurred_at,
        case
            when kind = 'meeting' then 'meeting'
            when kind in ('email_reply', 'chat') or actor_kind = 'contact' then 'response'
            else 'contact'
        end as act
    from {{ ref('stg_operational__activities') }}
    where
        contact_id is not null
        and kind in ('email', 'call', 'meeting', 'linkedin', 'sms', 'whatsapp', 'email_reply', 'chat')

),

-- Whoever met us was reached and answered.
firsts as (

    select
        leads.organization_id,
        leads.contact_id,
        min(case when acts.act in ('contact', 'meeting') then acts.occurred_at end) as first_contact_at,
        min(case when acts.act in ('response', 'meeting') then acts.occurred_at end) as first_response_at,
        min(case when acts.act = 'meeting' then acts.occurred_at end) as first_meeting_at
    from leads
    inner join acts
        on
            leads.organization_id = acts.organization_id
            and leads.contact_id = acts.contact_id
    group by leads.organization_id, leads.contact_id

)

select
    leads.organization_id,
    leads.contact_id,
    leads.lead_at,
    leads.lead_month_on,
    firsts.first_contact_at,
    firsts.first_response_at,
    firsts.first_meeting_at,
    case
        when firsts.first_contact_at >= leads.lead_at
            then {{ seconds_between('leads.lead_at', 'firsts.first_contact_at') }} / 60.0
    end as minutes_to_contact
from leads
left join firsts
    on
        leads.organization_id = firsts.organization_id
        and leads.contact_id = firsts.contact_id

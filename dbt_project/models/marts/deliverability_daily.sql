-- One row per day (of the organization), mailbox of ours and provider of the recipients: what became of the messages.
with

events as (

    select
        events.*,
        {{ local_day('events.occurred_at', 'organizations.time_zone') }} as day_on,
        split_part(lower(contacts.email), '@', 2) as recipient_domain
    from {{ ref('int_email_events_resolved') }} as events
    inner join {{ ref('int_organizations_with_rules') }} as organizations
        on events.organization_id = organizations.organization_id
    left join {{ ref('stg_operational__contacts') }} as contacts
        on
            events.organization_id = contacts.organization_id
            and events.contact_id = contacts.contact_id
    where events.mailbox_id is not null

),

-- By the domain alone: where a company has its mail run, only its MX record says.
by_provider as (

    select
        events.*,
        case
            when coalesce(events.recipient_domain, '') = '' then 'unknown'
            when {{ matches('events.recipient_domain', '^(gmail|googlemail)[.]com$') }} then 'google'
            when {{ matches('events.recipient_domain', '^(outlook|hotmail|live|msn)[.]') }} then 'microsoft'
            when {{ matches('events.recipient_domain', '^(yahoo|ymail|rocketmail|aol)[.]') }} then 'yahoo'
            when {{ matches('events.recipient_domain', '^(icloud|me|mac)[.]com$') }} then 'apple'
            when domains.domain_type = 'free' then 'other_free_mail'
            else 'company_domains'
        end as recipient_provider
    from events
    left join {{ ref('email_domains') }} as domains
        on events.recipient_domain = domains.domain

)

select
    organization_id,
    day_on,
    mailbox_id,
    recipient_provider,
    count(case when event_type = 'sent' then 1 end) as sent_count,
    count(case when event_type = 'bounced' then 1 end) as bounced_count,
    count(case when event_type = 'complained' then 1 end) as complaint_count,
    count(case when event_type = 'unsubscribed' then 1 end) as unsubscribe_count,
    count(case when event_type = 'replied' and not is_machine then 1 end) as reply_count,
    count(case when event_type = 'clicked' and not is_machine then 1 end) as human_click_count
from by_provider
group by 1, 2, 3, 4

-- One row per event of an outbound message: reported from outside, or seen by our own outbox.
{{ config(tags=['before_identity']) }}
with

-- A report may come in two files: the first stands.
reports as (

    select
        *,
        row_number() over (
            partition by organization_id, email_event_id order by _loaded_at, occurred_at, email_event_id
        ) as report_number
    from {{ ref('stg_email_engagement__events') }}

),

imported as (

    select
        organization_id,
        email_event_id,
        event_type,
        message_id,
        campaign,
        cast(sequence_step as string) as sequence_step,
        contact_id,
        email_hash,
        link_url,
        machine_reason,
        is_machine,
        {{ json_text('properties', 'user_agent') }} as user_agent,
        cast(null as string) as ip_network,
        cast(null as string) as mailbox_id,
        occurred_at
    from reports
    where report_number = 1

),

-- Clicks and opens are requests, told below: an event of a click is what was made of one.
own_events as (

    select
        organization_id,
        message_event_id as email_event_id,
        case
            when kind = 'refused' then 'bounced'
            when kind = 'auto_replied' then 'replied'
            else kind
        end as event_type,
        outbox_message_id as message_id,
        sequence_id,
        step_id,
        contact_id,
        cast(null as string) as link_url,
        case when kind = 'auto_replied' then 'auto_reply' end as machine_reason,
        kind = 'auto_replied' as is_machine,
        cast(null as string) as user_agent,
        cast(null as string) as ip_network,
        mailbox_id,
        occurred_at
    from {{ ref('stg_operational__message_events') }}
    where
        kind in (
            'sent', 'delivered', 'bounced', 'refused', 'replied', 'auto_replied', 'complained', 'unsubscribed'
        )

),

own_hits as (

    select
        organization_id,
        message_hit_id as email_event_id,
        case when kind = 'opened' then 'opened' else 'clicked' end as event_type,
        outbox_message_id as message_id,
        sequence_id,
        step_id,
        contact_id,
        case when kind = 'trapped' then '/lh-trap' else link_url end as link_url,
        case when is_machine then coalesce(nullif(split_part(reasons, '"', 2), ''), 'flagged') end as machine_reason,
        is_machine,
        user_agent,
        nullif(ip_network, '') as ip_network,
        mailbox_id,
        occurred_at
    from {{ ref('stg_operational__message_hits') }}

),

own as (

    select
        messages.organization_id,
        messages.email_event_id,
        messages.event_type,
        messages.message_id,
        campaigns.name as campaign,
        messages.step_id as sequence_step,
        messages.contact_id,
        cast(null as string) as email_hash,
        messages.link_url,
        messages.machine_reason,
        messages.is_machine,
        messages.user_agent,
        messages.ip_network,
        messages.mailbox_id,
        messages.occurred_at
    from (
        select * from own_events
        union all
        select * from own_hits
    ) as messages
    left join {{ ref('stg_operational__campaigns') }} as campaigns
        on
            messages.organization_id = campaigns.organization_id
            and messages.sequence_id = campaigns.sequence_id

)

select * from imported
union all
select * from own

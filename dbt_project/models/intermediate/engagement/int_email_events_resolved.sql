-- One row per event of an outbound message, with the contact it is about and whether a machine did it.
{{ config(tags=['before_identity']) }}
with

events as (

    select
        events.organization_id,
        events.email_event_id,
        events.event_type,
        events.message_id,
        events.campaign,
        events.sequence_step,
        events.link_url,
        events.occurred_at,
        events.machine_reason as first_machine_reason,
        events.is_machine as is_machine_at_first,
        contacts.company_id,
        rules.bot_rules_version,
        events.user_agent,
        events.ip_network,
        events.mailbox_id,
        coalesce(contacts.contact_id, owners.contact_id) as contact_id,
        coalesce(contacts.contact_id, owners.contact_id, events.email_hash, '') as recipient
    from {{ ref('int_email_events_unioned') }} as events
    inner join {{ ref('int_organizations_with_rules') }} as rules on events.organization_id = rules.organization_id
    left join {{ ref('int_email_owners') }} as owners
        on
            events.organization_id = owners.organization_id
            and events.email_hash = owners.email_hash
    left join {{ ref('stg_operational__contacts') }} as named
        on
            events.organization_id = named.organization_id
            and coalesce(events.contact_id, owners.contact_id) = named.contact_id
    left join {{ ref('stg_operational__contacts') }} as contacts
        on
            events.organization_id = contacts.organization_id
            and named.current_contact_id = contacts.contact_id

),

deliveries as (

    select
        organization_id,
        message_id,
        recipient,
        coalesce(
            min(case when event_type = 'delivered' then occurred_at end),
            min(case when event_type = 'sent' then occurred_at end)
        ) as delivered_at
    from events
    where event_type in ('sent', 'delivered') and message_id is not null
    group by organization_id, message_id, recipient

),

acts as (

    select
        events.*,
        {{ seconds_between('deliveries.delivered_at', 'events.occurred_at') }} as seconds_after_delivery
    from events
    left join deliveries
        on
            events.organization_id = deliveries.organization_id
            and events.message_id = deliveries.message_id
            and events.recipient = deliveries.recipient
    where events.event_type in ('opened', 'clicked')

),

-- What reads a message before its recipient follows every link of it, at once.
quick_clicks as (

    select
        organization_id,
        message_id,
        recipient,
        count(distinct link_url) as link_count
    from acts
    where event_type = 'clicked' and seconds_after_delivery between 0 and 120
    group by organization_id, message_id, recipient

),

-- A gateway reads the mail of everybody behind it: in a company where most messages were clicked within seconds of
-- delivery, it was not the people.
gateways as (

    select
        organization_id,
        company_id
    from acts
    where event_type = 'clicked' and company_id is not null and message_id is not null
    group by organization_id, company_id
    having
        count(distinct case when seconds_after_delivery between 0 and 30 then message_id || recipient end) >= 2
        and count(distinct case when seconds_after_delivery between 0 and 30 then message_id || recipient end)
        >= 0.6 * count(distinct message_id || recipient)

),

-- One network follows links in the mail of three people within a minute: a gateway that stands before many mailboxes.
bursts as (

    select
        organization_id,
        ip_network,
        date_trunc('minute', occurred_at) as burst_at
    from acts
    where event_type = 'clicked' and ip_network is not null
    group by organization_id, ip_network, date_trunc('minute', occurred_at)
    having count(distinct recipient) >= 3

),

-- A visit of the contact's own, with signs of reading, that begins as the link is clicked.
visits as (

    select distinct
        acts.organization_id,
        acts.email_event_id
    from acts
    inner join {{ ref('int_identifications') }} as browsers
        on
            acts.organization_id = browsers.organization_id
            and acts.contact_id = browsers.contact_id
    inner join {{ ref('int_sessions_judged') }} as sessions
        on
            browsers.organization_id = sessions.organization_id
            and browsers.anonymous_id = sessions.anonymous_id
            and sessions.engaged_seconds > 0
            and not sessions.is_bot
            and abs({{ seconds_between('acts.occurred_at', 'sessions.started_at') }}) <= 60
    where acts.event_type = 'clicked'

),

judged as (

    select
        acts.organization_id,
        acts.email_event_id,
        case
            when {{ is_trap('acts.link_url') }} then 'trap_clicked'
            when acts.event_type = 'opened' and acts.user_agent = 'Mozilla/5.0' then 'privacy_proxy'
            when visits.email_event_id is not null then null
            when acts.seconds_after_delivery between 0 and 120 and quick_clicks.link_count >= 2
                then 'every_link_at_once'
            when gateways.company_id is not null and acts.seconds_after_delivery between 0 and 60
                then 'company_gateway'
            when bursts.burst_at is not null and acts.event_type = 'clicked' then 'burst_of_one_network'
            when acts.event_type = 'clicked' and acts.seconds_after_delivery between 0 and 5
                then 'within_seconds_of_delivery'
            when acts.event_type = 'opened' and acts.seconds_after_delivery between 0 and 2
                then 'within_seconds_of_delivery'
        end as hindsight_reason,
        visits.email_event_id is not null as has_visit
    from acts
    left join quick_clicks
        on
            acts.organization_id = quick_clicks.organization_id
            and acts.message_id = quick_clicks.message_id
            and acts.recipient = quick_clicks.recipient
    left join gateways
        on
            acts.organization_id = gateways.organization_id
            and acts.company_id = gateways.company_id
    left join bursts
        on
            acts.organization_id = bursts.organization_id
            and acts.ip_network = bursts.ip_network
            and date_trunc('minute', acts.occurred_at) = bursts.burst_at
    left join visits
        on
            acts.organization_id = visits.organization_id
            and acts.email_event_id = visits.email_event_id
    where acts.bot_rules_version >= 2

)

select
    events.organization_id,
    events.email_event_id,
    events.event_type,
    events.message_id,
    events.campaign,
    events.sequence_step,
    events.link_url,
    events.mailbox_id,
    events.contact_id,
    events.is_machine_at_first,
    events.first_machine_reason,
    (events.is_machine_at_first and not coalesce(judged.has_visit, false)) or judged.hindsight_reason is not null
        as is_machine,
    coalesce(
        judged.hindsight_reason,
        case when not coalesce(judged.has_visit, false) then events.first_machine_reason end
    ) as machine_reason,
    events.bot_rules_version,
    events.occurred_at,
    -- When we could have known of it: files of history are backdated, so the event's own time counts.
    events.occurred_at as known_at
from events
left join judged
    on
        events.organization_id = judged.organization_id
        and events.email_event_id = judged.email_event_id

-- One row per day (of the organization), campaign and step: what became of the messages.
with

events as (

    select
        events.*,
        {{ local_day('events.occurred_at', 'organizations.time_zone') }} as day_on
    from {{ ref('int_email_events_resolved') }} as events
    inner join {{ ref('int_organizations_with_rules') }} as organizations
        on events.organization_id = organizations.organization_id

)

select
    organization_id,
    day_on,
    campaign,
    sequence_step,
    count(case when event_type = 'sent' then 1 end) as sent_count,
    count(case when event_type = 'delivered' then 1 end) as delivered_count,
    count(case when event_type = 'bounced' then 1 end) as bounced_count,
    count(case when event_type = 'opened' and not is_machine then 1 end) as human_open_count,
    count(case when event_type = 'opened' and is_machine then 1 end) as machine_open_count,
    count(case when event_type = 'clicked' and not is_machine then 1 end) as human_click_count,
    count(case when event_type = 'clicked' and is_machine then 1 end) as machine_click_count,
    count(case when event_type = 'replied' and not is_machine then 1 end) as reply_count,
    count(case when event_type = 'complained' then 1 end) as complaint_count,
    count(case when event_type = 'unsubscribed' then 1 end) as unsubscribe_count
from events
group by 1, 2, 3, 4

-- One row per organization and month: how its leads were treated, what was delivered, and what was spent.
with

organizations as (

    select * from {{ ref('int_organizations_with_rules') }}

),

leads as (

    select
        organization_id,
        lead_month_on as month_on,
        count(*) as lead_count,
        count(first_contact_at) as contacted_count,
        count(case when first_contact_at is not null then first_response_at end) as responded_count,
        count(first_meeting_at) as meeting_count,
        count(minutes_to_contact) as timed_count,
        percentile_cont(0.5) within group (order by minutes_to_contact) as median_minutes_to_contact
    from {{ ref('int_lead_responses') }}
    group by 1, 2

),

-- The providers of some mailboxes report deliveries, those of others do not; files of other systems have no mailbox.
reported as (

    select
        events.organization_id,
        cast(date_trunc('month', {{ local_day('events.occurred_at', 'organizations.time_zone') }}) as date) as month_on,
        events.mailbox_id,
        count(case when events.event_type = 'sent' then 1 end) as sent_count,
        count(case when events.event_type = 'delivered' then 1 end) as delivered_count,
        count(case when events.event_type = 'bounced' then 1 end) as bounced_count
    from {{ ref('int_email_events_resolved') }} as events
    inner join organizations on events.organization_id = organizations.organization_id
    where events.event_type in ('sent', 'delivered', 'bounced')
    group by 1, 2, 3

),

-- Where nothing reports deliveries of a mailbox, what did not bounce was delivered.
messages as (

    select
        organization_id,
        month_on,
        sum(sent_count) as sent_count,
        sum(
            case
                when delivered_count > 0 then delivered_count
                else greatest(sent_count - bounced_count, 0)
            end
        ) as delivered_count,
        sum(bounced_count) as bounced_count
    from reported
    group by 1, 2

),

costs as (

    select
        organization_id,
        cast(date_trunc('month', spend_on) as date) as month_on,
        sum(cost_minor) as cost_minor
    from {{ ref('int_spend_by_channel') }}
    group by 1, 2

),

months as (

    select
        organization_id,
        month_on
    from leads
    union
    select
        organization_id,
        month_on
    from messages
    union
    select
        organization_id,
        month_on
    from costs

)

select
    months.organization_id,
    months.month_on,
    organizations.currency,
    coalesce(leads.lead_count, 0) as lead_count,
    coalesce(leads.contacted_count, 0) as contacted_count,
    coalesce(leads.responded_count, 0) as responded_count,
    coalesce(leads.meeting_count, 0) as meeting_count,
    coalesce(leads.timed_count, 0) as timed_count,
    cast(leads.median_minutes_to_contact as double) as median_minutes_to_contact,
    cast(coalesce(messages.sent_count, 0) as bigint) as sent_count,
    cast(coalesce(messages.delivered_count, 0) as bigint) as delivered_count,
    cast(coalesce(messages.bounced_count, 0) as bigint) as bounced_count,
    cast(costs.cost_minor as bigint) as cost_minor
from months
inner join organizations on months.organization_id = organizations.organization_id
left join leads
    on
        months.organization_id = leads.organization_id
        and months.month_on = leads.month_on
left join messages
    on
        months.organization_id = messages.organization_id
        and months.month_on = messages.month_on
left join costs
    on
        months.organization_id = costs.organization_id
        and months.month_on = costs.month_on

-- One row per day (of the organization) and campaign: what happened on LinkedIn.
with

events as (

    select
        events.*,
        {{ local_day('events.occurred_at', 'organizations.time_zone') }} as day_on
    from {{ ref('int_linkedin_events_resolved') }} as events
    inner join {{ ref('int_organizations_with_rules') }} as organizations
        on events.organization_id = organizations.organization_id

)

select
    organization_id,
    day_on,
    campaign,
    count(case when event_type = 'invitation_sent' then 1 end) as invitation_sent_count,
    count(case when event_type = 'invitation_received' then 1 end) as invitation_received_count,
    count(case when event_type = 'connected' then 1 end) as connected_count,
    count(case when event_type = 'message_sent' then 1 end) as message_sent_count,
    count(case when event_type = 'message_received' then 1 end) as message_received_count,
    count(case when event_type = 'lead_form_response' then 1 end) as lead_form_response_count
from events
group by 1, 2, 3

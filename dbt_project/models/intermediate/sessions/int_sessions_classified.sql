-- One row per session: source, medium, campaign and channel.
{{ config(materialized='view', tags=['before_identity']) }}
select
    sessions.*,
    arrivals.referrer_host,
    arrivals.campaign,
    coalesce(arrivals.source, '(direct)') as source,
    coalesce(arrivals.medium, '(none)') as medium,
    coalesce(arrivals.channel, 'Direct') as channel,
    coalesce(arrivals.is_referrer_spam, false) as is_referrer_spam
from {{ ref('int_sessions_aggregated') }} as sessions
left join {{ ref('int_arrivals_classified') }} as arrivals
    on
        sessions.organization_id = arrivals.organization_id
        and sessions.origin_event_id = arrivals.event_id

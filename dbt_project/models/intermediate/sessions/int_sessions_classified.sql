-- One row per session: source, medium, campaign and channel, and whether a machine made it.
{{ config(tags=['before_identity']) }}
with

sessions as (

    select
        *,
        sum(page_view_count) over (
            partition by organization_id, visitor_id, cast(started_at as date)
        ) as visitor_day_page_count
    from {{ ref('int_sessions_aggregated') }}

),

with_arrival as (

    select
        sessions.*,
        arrivals.referrer_host,
        coalesce(arrivals.source, '(direct)') as source,
        coalesce(arrivals.medium, '(none)') as medium,
        arrivals.campaign,
        coalesce(arrivals.channel, 'Direct') as channel,
        coalesce(arrivals.is_referrer_spam, false) as is_referrer_spam
    from sessions
    left join {{ ref('int_arrivals_classified') }} as arrivals
        on
            sessions.organization_id = arrivals.organization_id
            and sessions.origin_event_id = arrivals.event_id

),

-- Judged with hindsight: what a single request cannot show.
with_judgement as (

    select
        *,
        case
            when
                page_view_count >= 10
                and {{ seconds_between('started_at', 'ended_at') }} < 0.7 * (page_view_count - 1)
                then 'impossible_cadence'
        end as cadence_reason,
        case when visitor_day_page_count > 500 then 'too_many_pages_in_a_day' end as volume_reason,
        case
            when page_view_count >= 30 and distinct_page_count = 1 and interaction_count = 0 then 'same_page_loop'
        end as loop_reason,
        case when is_referrer_spam then 'referrer_spam' end as spam_reason
    from with_arrival

)

select
    organization_id,
    session_id,
    visitor_id,
    anonymous_id,
    started_at,
    ended_at,
    first_received_at,
    page_view_count,
    engaged_seconds,
    landing_page,
    site_host,
    referrer_host,
    source,
    medium,
    campaign,
    channel,
    device_type,
    country,
    network_type,
    network_company_domain,
    network_company_name,
    network_confidence,
    has_bot_flag
    or cadence_reason is not null
    or volume_reason is not null
    or loop_reason is not null
    or spam_reason is not null as is_bot,
    nullif(ltrim(
        coalesce(bot_reasons, '') || coalesce(',' || cadence_reason, '') || coalesce(',' || volume_reason, '')
        || coalesce(',' || loop_reason, '') || coalesce(',' || spam_reason, ''), ','
    ), '') as bot_reasons
from with_judgement

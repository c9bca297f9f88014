-- One row per session, with the evidence of where it came from and what happened in it.
{{ config(
    materialized='incremental',
    unique_key=['organization_id', 'visitor_id'],
    replaced_from='started_at',
    tags=['before_identity']
) }}
with

-- Sessions are written as wholes, so what is new of them is all of them.
sessionized as (

    select * from {{ ref('int_events_sessionized') }}
    where {{ is_news() }}

),

timed as (

    select events.* from {{ ref('int_events_timed') }} as events
    {% if is_incremental() %}
    where events.event_at >= (select min(sessionized.event_at) from sessionized)
    {% endif %}
),

events as (

    select
        sessionized.session_id,
        sessionized.event_number,
        sessionized.seconds_since_view,
        sessionized.session_minutes,
        sessionized.is_split_by_campaign,
        cast(round(sessionized.seconds_since_view * 1000) as bigint) as gap_milliseconds,
        case when timed.event_type = 'page_view' then sessionized.event_number end as view_number,
        case when timed.has_origin then sessionized.event_number end as origin_number,
        timed.*
    from sessionized
    inner join timed
        on
            sessionized.organization_id = timed.organization_id
            and sessionized.event_id = timed.event_id

)

select
    organization_id,
    session_id,
    visitor_id,
    max(anonymous_id) as anonymous_id,
    min(event_at) as started_at,
    max(event_at) as ended_at,
    min(received_at) as first_received_at,
    count(*) as event_count,
    count(case when event_type = 'page_view' then 1 end) as page_view_count,
    count(distinct case when event_type = 'page_view' then page_path end) as distinct_page_count,
    count(case when event_type in ('page_ping', 'scroll', 'link_click', 'file_download', 'form_start') then 1 end)
        as interaction_count,
    count(case when event_type in ('page_ping', 'scroll') then 1 end) as heartbeat_count,
    count(case when is_trap then 1 end) as trap_count,
    count(case when seconds_since_view < 1 then 1 end) as quick_view_count,
    count(gap_milliseconds) as gap_count,
    -- From sums of whole numbers: those of fractions depend on the order in which threads add them.
    cast(sum(gap_milliseconds) as double) / nullif(count(gap_milliseconds), 0) / 1000.0 as mean_gap_seconds,
    sqrt(greatest(
        cast(sum(gap_milliseconds * gap_milliseconds) as double) / nullif(count(gap_milliseconds), 0)
        - power(cast(sum(gap_milliseconds) as double) / nullif(count(gap_milliseconds), 0), 2), 0.0
    )) / 1000.0 as gap_deviation_seconds,
    min(case when event_type = 'form_submit' then event_at end) as first_form_at,
    max(case when event_type = 'form_start' then 1 else 0 end) = 1 as has_form_start,
    max(case when consent_level = 'full' then contact_id end) as said_contact_id,
    max(case when consent_level = 'full' then email_hash end) as said_email_hash,
    cast(round({{ exact_sum('engaged_seconds') }}) as bigint) as engaged_seconds,
    {{ value_at_least('page_path', 'view_number') }} as landing_page,
    {{ value_at_least('site_host', 'view_number') }} as site_host,
    {{ value_at_least('event_id', 'origin_number') }} as origin_event_id,
    max(case when event_number = 1 then device_type end) as device_type,
    max(case when event_number = 1 then country end) as country,
    max(case when event_number = 1 then client_key end) as client_key,
    max(case when event_number = 1 then network_type end) as network_type,
    max(case when event_number = 1 then network_company_domain end) as network_company_domain,
    max(case when event_number = 1 then network_company_name end) as network_company_name,
    max(case when event_number = 1 then network_confidence end) as network_confidence,
    max(case when is_bot then 1 else 0 end) = 1 as has_bot_flag,
    max(bot_reasons) as bot_reasons,
    max(session_minutes) as session_minutes,
    max(case when is_split_by_campaign then 1 else 0 end) = 1 as is_split_by_campaign
from events
group by organization_id, session_id, visitor_id

-- One row per session: whether a machine made it, by what capture saw and by what became of it, with the reasons.
{{ config(tags=['before_identity']) }}
with

rules as (

    select
        organization_id,
        bot_rules_version
    from {{ ref('int_organizations_with_rules') }}

),

-- Contacts who did what no machine does: they answered, met, or bought.
replies as (

    select
        events.organization_id,
        coalesce(events.contact_id, owners.contact_id) as contact_id
    from {{ ref('int_email_events_unioned') }} as events
    left join {{ ref('int_email_owners') }} as owners
        on
            events.organization_id = owners.organization_id
            and events.email_hash = owners.email_hash
    where events.event_type = 'replied' and not events.is_machine

),

people as (

    select
        organization_id,
        contact_id
    from replies
    union
    select
        organization_id,
        contact_id
    from {{ ref('stg_operational__deals') }}
    where stage = 'won'
    union
    select
        organization_id,
        contact_id
    from {{ ref('stg_operational__activities') }}
    where kind in ('meeting', 'call') and not is_automated

),

visitors_of_people as (

    select distinct
        sessions.organization_id,
        sessions.visitor_id
    from {{ ref('int_sessions_aggregated') }} as sessions
    left join {{ ref('int_email_owners') }} as owners
        on
            sessions.organization_id = owners.organization_id
            and sessions.said_email_hash = owners.email_hash
    inner join people
        on
            sessions.organization_id = people.organization_id
            and coalesce(sessions.said_contact_id, owners.contact_id) = people.contact_id

),

-- What a session's visitor, day and site tell of it. Grouped aside and looked up: a window would sort all sessions with
-- all their columns, once for each.
visitors as (

    select
        organization_id,
        visitor_id,
        sum(page_view_count) as page_count,
        sum(interaction_count) as interaction_count,
        max(distinct_page_count) as most_pages,
        min(landing_page) as first_landing,
        max(landing_page) as last_landing,
        -- What somebody does later speaks for their earlier visits too.
        max(case
            when
                has_form_start and interaction_count > 0
                and {{ seconds_between('started_at', 'first_form_at') }} >= 5
                then 'sent_a_form'
            when heartbeat_count >= 1 and engaged_seconds >= 5 and quick_view_count = 0 then 'stayed_and_read'
        end) as sign_of_life
    from {{ ref('int_sessions_aggregated') }}
    group by organization_id, visitor_id

),

visitor_days as (

    select
        organization_id,
        visitor_id,
        cast(started_at as date) as started_on,
        sum(page_view_count) as page_count
    from {{ ref('int_sessions_aggregated') }}
    group by organization_id, visitor_id, cast(started_at as date)

),

client_days as (

    select
        organization_id,
        client_key,
        cast(started_at as date) as started_on,
        count(*) as session_count,
        sum(case when interaction_count > 0 then 1 else 0 end) as active_count
    from {{ ref('int_sessions_aggregated') }}
    group by organization_id, client_key, cast(started_at as date)

),

-- A site without heartbeats (files of history, an old page) says nothing by their absence.
sites as (

    select
        organization_id,
        avg(case when heartbeat_count > 0 then 1.0 else 0.0 end) as heartbeat_rate
    from {{ ref('int_sessions_aggregated') }}
    group by organization_id

),

-- Outer joins, though every session finds its rows: the planner leaves their order alone, where by organization_id it
-- could join anything with anything.
sessions as (

    select
        sessions.*,
        rules.bot_rules_version,
        visitor_days.page_count as visitor_day_page_count,
        visitors.page_count as visitor_page_count,
        visitors.interaction_count as visitor_interaction_count,
        visitors.most_pages as visitor_most_pages,
        visitors.first_landing as visitor_first_landing,
        visitors.last_landing as visitor_last_landing,
        client_days.session_count as client_day_session_count,
        client_days.active_count as client_day_active_count,
        sites.heartbeat_rate,
        case
            when rules.bot_rules_version < 2 then null
            when visitors_of_people.visitor_id is not null then 'answered_or_bought'
            else visitors.sign_of_life
        end as human_sign
    from {{ ref('int_sessions_classified') }} as sessions
    inner join rules on sessions.organization_id = rules.organization_id
    left join visitors
        on
            sessions.organization_id = visitors.organization_id
            and sessions.visitor_id = visitors.visitor_id
    left join visitors_of_people
        on
            sessions.organization_id = visitors_of_people.organization_id
            and sessions.visitor_id = visitors_of_people.visitor_id
    left join visitor_days
        on
            sessions.organization_id = visitor_days.organization_id
            and sessions.visitor_id = visitor_days.visitor_id
            and cast(sessions.started_at as date) = visitor_days.started_on
    left join client_days
        on
            sessions.organization_id = client_days.organization_id
            and sessions.client_key = client_days.client_key
            and cast(sessions.started_at as date) = client_days.started_on
    left join sites on sessions.organization_id = sites.organization_id

),

-- What a single request cannot show. The version says since when a rule holds: docs in the sheet.
with_hindsight as (

    select
        *,
        case
            -- capture may have said so already
            when trap_count > 0 and bot_rules_version >= 2 and coalesce(bot_reasons, '') not like '%trap_visited%'
                then 'trap_visited'
        end as trap_reason,
        case
            when
                page_view_count >= 10
                and {{ seconds_between('started_at', 'ended_at') }} < 0.7 * (page_view_count - 1)
                then 'impossible_cadence'
            when
                bot_rules_version >= 2 and quick_view_count >= 3
                and quick_view_count >= 0.6 * page_view_count
                then 'impossible_cadence'
        end as cadence_reason,
        case
            when
                bot_rules_version >= 2 and gap_count >= 5 and mean_gap_seconds > 0
                and gap_deviation_seconds < 0.1 * mean_gap_seconds
                then 'regular_intervals'
        end as rhythm_reason,
        case when visitor_day_page_count > 500 then 'too_many_pages_in_a_day' end as volume_reason,
        case
            when page_view_count >= 30 and distinct_page_count = 1 and interaction_count = 0 then 'same_page_loop'
            when
                bot_rules_version >= 2 and visitor_page_count >= 12 and visitor_interaction_count = 0
                and visitor_most_pages = 1 and visitor_first_landing = visitor_last_landing
                then 'same_page_loop'
        end as loop_reason,
        case
            when
                bot_rules_version >= 2
                and {{ seconds_between('started_at', 'first_form_at') }} < 3
                then 'instant_form'
        end as form_reason,
        case
            when
                bot_rules_version >= 2 and heartbeat_rate >= 0.2 and page_view_count >= 6
                and interaction_count = 0 and first_form_at is null
                then 'never_active'
        end as activity_reason,
        case
            when
                bot_rules_version >= 2 and heartbeat_rate >= 0.2 and client_day_session_count >= 30
                and client_day_active_count = 0
                then 'fleet_of_visitors'
        end as fleet_reason,
        case when is_referrer_spam then 'referrer_spam' end as spam_reason
    from sessions

),

weighed as (

    select
        *,
        -- What is certain no later act takes back; the rest a sign of life does.
        trap_reason is not null
        or cadence_reason is not null
        or spam_reason is not null
        or (has_bot_flag and not coalesce({{ only_weak_reasons('bot_reasons') }}, false)) as is_certain,
        has_bot_flag
        or rhythm_reason is not null
        or volume_reason is not null
        or loop_reason is not null
        or form_reason is not null
        or activity_reason is not null
        or fleet_reason is not null as is_likely
    from with_hindsight

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
    has_bot_flag as is_bot_at_first,
    case when has_bot_flag then coalesce(bot_reasons, 'flagged') end as first_bot_reasons,
    is_certain or (is_likely and human_sign is null) as is_bot,
    nullif(trim(
        leading ',' from
        coalesce(bot_reasons, '') || coalesce(',' || trap_reason, '') || coalesce(',' || cadence_reason, '')
        || coalesce(',' || rhythm_reason, '') || coalesce(',' || volume_reason, '') || coalesce(',' || loop_reason, '')
        || coalesce(',' || form_reason, '') || coalesce(',' || activity_reason, '') || coalesce(',' || fleet_reason, '')
        || coalesce(',' || spam_reason, '')
    ), '') as bot_reasons,
    case when is_likely and not is_certain then human_sign end as acquitted_by,
    bot_rules_version
from weighed

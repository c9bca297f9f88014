-- One row per website event of a visitor, with the session it belongs to.
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['organization_id', 'visitor_id'],
    on_schema_change='fail',
    tags=['before_identity']
) }}
with

-- Everything of a visitor who had news is done again, so a late event reopens, joins or splits exactly the sessions
-- that it would have in a full build, however late it is. So is everything of an organization whose rules changed.
visitors_to_process as (

    select distinct
        events.organization_id,
        events.visitor_id
    from {{ ref('int_events_timed') }} as events
    where {{ landed_since_last_build('events._loaded_at') }}
    {% if is_incremental() %}
    union
    select distinct
        known.organization_id,
        known.visitor_id
    from {{ this }} as known
    inner join {{ ref('int_organizations_with_rules') }} as rules on known.organization_id = rules.organization_id
    where
        known.session_minutes <> rules.session_minutes
        or known.is_split_by_campaign <> rules.is_split_by_campaign
    {% endif %}
),

events as (

    select
        events.organization_id,
        events.visitor_id,
        events.event_id,
        events.event_at,
        events.event_type,
        events.contact_id,
        events.email_hash,
        events._loaded_at,
        rules.session_minutes,
        rules.is_split_by_campaign,
        case
            when events.event_type = 'page_view'
                then nullif(
                    coalesce(events.utm_source, '') || coalesce(':' || events.utm_medium, '')
                    || coalesce(':' || events.utm_campaign, '') || coalesce(':' || events.click_id, ''), ''
                )
        end as campaign_key
    from {{ ref('int_events_timed') }} as events
    inner join {{ ref('int_organizations_with_rules') }} as rules on events.organization_id = rules.organization_id
    where exists (
        select 1 from visitors_to_process
        where
            visitors_to_process.organization_id = events.organization_id
            and visitors_to_process.visitor_id = events.visitor_id
    )

),

with_previous as (

    select
        *,
        lag(event_at) over (
            partition by organization_id, visitor_id order by event_at, event_id
        ) as previous_at,
        {{ last_known('email_hash', 'organization_id, visitor_id', 'event_at, event_id') }} as previous_email_hash,
        {{ last_known('contact_id', 'organization_id, visitor_id', 'event_at, event_id') }} as previous_contact_id
    from events

),

-- A visit ends after a silence, or when another person identifies in the same browser.
visits_started as (

    select
        *,
        case
            when previous_at is null then 1
            when {{ seconds_between('previous_at', 'event_at') }} > session_minutes * 60 then 1
            when email_hash <> previous_email_hash then 1
            when (email_hash is null or previous_email_hash is null) and contact_id <> previous_contact_id then 1
            else 0
        end as is_visit_start
    from with_previous

),

visits_numbered as (

    select
        *,
        sum(is_visit_start) over (
            partition by organization_id, visitor_id order by event_at, event_id
            rows between unbounded preceding and current row
        ) as visit_number
    from visits_started

),

with_previous_campaign as (

    select
        *,
        {{ last_known('campaign_key', 'organization_id, visitor_id, visit_number', 'event_at, event_id') }}
            as previous_campaign_key
    from visits_numbered

),

-- Within a visit, coming back by another campaign starts a new session where the organization wants it so.
sessions_started as (

    select
        *,
        case
            when is_visit_start = 1 then 1
            when is_split_by_campaign and campaign_key <> coalesce(previous_campaign_key, '') then 1
            else 0
        end as is_session_start
    from with_previous_campaign

),

sessions_numbered as (

    select
        *,
        sum(is_session_start) over (
            partition by organization_id, visitor_id order by event_at, event_id
            rows between unbounded preceding and current row
        ) as session_number
    from sessions_started

),

with_first_event as (

    select
        *,
        first_value(event_id) over (
            partition by organization_id, visitor_id, session_number order by event_at, event_id
            rows between unbounded preceding and unbounded following
        ) as first_event_id,
        row_number() over (
            partition by organization_id, visitor_id, session_number order by event_at, event_id
        ) as event_number
    from sessions_numbered

)

select
    organization_id,
    visitor_id,
    event_id,
    event_at,
    {{ key_of(['organization_id', 'visitor_id', 'first_event_id']) }} as session_id,
    event_number,
    case when event_number > 1 then {{ seconds_between('previous_at', 'event_at') }} end as seconds_since_previous,
    session_minutes,
    is_split_by_campaign,
    _loaded_at
from with_first_event

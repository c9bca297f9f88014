-- One row per website event of a visitor, with the session it belongs to.
{{ config(
    materialized='incremental',
    unique_key=['organization_id', 'visitor_id'],
    replaced_from='event_at',
    tags=['before_identity']
) }}
with

rules as (

    select * from {{ ref('int_organizations_with_rules') }}

),

{% if is_incremental() %}
-- What comes late moves only what follows it. So of a visitor with news all is done again from the first news on, or
-- from the end of the silence before it where they were active then: a late event reopens, joins or splits exactly the
-- sessions that it would in a full build, however late it is. Of an organization whose rules changed, all is done anew.
rules_applied as (

    select distinct
        organization_id,
        session_minutes,
        is_split_by_campaign
    from {{ this }}

),

organizations_to_process as (

    select rules_applied.organization_id
    from rules_applied
    inner join rules on rules_applied.organization_id = rules.organization_id
    where
        rules_applied.session_minutes <> rules.session_minutes
        or rules_applied.is_split_by_campaign <> rules.is_split_by_campaign

),

news as (

    select
        organization_id,
        visitor_id,
        event_at
    from {{ ref('int_events_timed') }}
    where {{ is_news() }}
    union all
    select
        events.organization_id,
        events.visitor_id,
        events.event_at
    from {{ ref('int_events_timed') }} as events
    inner join organizations_to_process on events.organization_id = organizations_to_process.organization_id

),

first_news as (

    select
        organization_id,
        visitor_id,
        min(event_at) as news_at
    from news
    group by organization_id, visitor_id

),

done_before as (

    select * from {{ this }}
    where event_at >= (
        select {{ plus_days('min(first_news.news_at)', '-(1 + max(rules_applied.session_minutes) / 1440)') }}
        from first_news
        inner join rules_applied on first_news.organization_id = rules_applied.organization_id
    )

),

reopened as (

    select
        first_news.organization_id,
        first_news.visitor_id,
        min(coalesce(done_before.active_since_at, first_news.news_at)) as from_at
    from first_news
    left join done_before
        on
            first_news.organization_id = done_before.organization_id
            and first_news.visitor_id = done_before.visitor_id
            and done_before.event_at <= first_news.news_at
            and {{ seconds_between('done_before.event_at', 'first_news.news_at') }} <= done_before.session_minutes * 60
    group by first_news.organization_id, first_news.visitor_id

),

-- Before that, only who somebody was matters: another person who identifies ends a visit.
timed as (

    select events.* from {{ ref('int_events_timed') }} as events
    where events.event_at >= (select min(reopened.from_at) from reopened)
    union all
    select events.* from {{ ref('int_events_timed') }} as events
    where events.event_at < (select min(reopened.from_at) from reopened) and events.email_hash is not null
    union all
    select events.* from {{ ref('int_events_timed') }} as events
    where
        events.event_at < (select min(reopened.from_at) from reopened)
        and events.email_hash is null
        and events.contact_id is not null

),
{% else %}
timed as (

    select * from {{ ref('int_events_timed') }}

),
{% endif %}
events as (

    select
        events.organization_id,
        events.visitor_id,
        events.event_id,
        events.event_at,
        events.email_hash,
        events.contact_id,
        case when events.event_type = 'page_view' then events.event_at end as viewed_at,
        rules.session_minutes,
        rules.is_split_by_campaign,
        {{ 'events.event_at >= reopened.from_at' if is_incremental() else 'true' }} as is_wanted,
        case
            when events.event_type = 'page_view'
                then nullif(
                    coalesce(events.utm_source, '') || coalesce(':' || events.utm_medium, '')
                    || coalesce(':' || events.utm_campaign, '') || coalesce(':' || events.click_id, ''), ''
                )
        end as campaign_key
    from timed as events
    inner join rules on events.organization_id = rules.organization_id
    {% if is_incremental() %}
    inner join reopened
        on
            events.organization_id = reopened.organization_id
            and events.visitor_id = reopened.visitor_id
            and (
                events.event_at >= reopened.from_at
                or events.email_hash is not null
                or events.contact_id is not null
            )
    {% endif %}
),

with_previous as (

    select
        *,
        row_number() over (partition by organization_id, visitor_id order by event_at, event_id) as place,
        lag(event_at) over (partition by organization_id, visitor_id order by event_at, event_id) as previous_at,
        {{ last_known('viewed_at', 'organization_id, visitor_id', 'event_at, event_id') }}
            as previous_view_at,
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
        end as is_visit_start,
        case
            when previous_at is null or {{ seconds_between('previous_at', 'event_at') }} > session_minutes * 60
                then event_at
        end as silence_ended_at,
        case when campaign_key is not null then place end as campaign_place
    from with_previous

),

-- Every window below has one partition and one order: a partition of its own for each visit would sort all events anew.
with_previous_campaign as (

    select
        *,
        max(case when is_visit_start = 1 then place end) over (
            partition by organization_id, visitor_id order by event_at, event_id
            rows between unbounded preceding and current row
        ) as visit_place,
        max(silence_ended_at) over (
            partition by organization_id, visitor_id order by event_at, event_id
            rows between unbounded preceding and current row
        ) as active_since_at,
        {{ last_known('campaign_place', 'organization_id, visitor_id', 'event_at, event_id') }}
            as previous_campaign_place,
        {{ last_known('campaign_key', 'organization_id, visitor_id', 'event_at, event_id') }} as previous_campaign_key
    from visits_started

),

-- Within a visit, coming back by another campaign starts a new session where the organization wants it so.
sessions_started as (

    select
        *,
        case
            when is_visit_start = 1 then 1
            when
                is_split_by_campaign
                and campaign_key
                <> case when previous_campaign_place >= visit_place then previous_campaign_key else '' end
                then 1
            else 0
        end as is_session_start
    from with_previous_campaign

),

with_first_event as (

    select
        *,
        max(case when is_session_start = 1 then place end) over (
            partition by organization_id, visitor_id order by event_at, event_id
            rows between unbounded preceding and current row
        ) as session_place,
        {{ last_known_here(
            'case when is_session_start = 1 then ' ~ key_of(['organization_id', 'visitor_id', 'event_id']) ~ ' end',
            'organization_id, visitor_id', 'event_at, event_id'
        ) }} as session_id
    from sessions_started

),

with_event_number as (

    select
        *,
        place - session_place + 1 as event_number
    from with_first_event

)

select
    organization_id,
    visitor_id,
    event_id,
    event_at,
    active_since_at,
    session_id,
    event_number,
    case
        when event_number > 1 and previous_view_at >= active_since_at
            then {{ seconds_between('previous_view_at', 'viewed_at') }}
    end as seconds_since_view,
    session_minutes,
    is_split_by_campaign
from with_event_number
where is_wanted

-- One row per website event, with the moment it happened by our clock and the visitor it belongs to.
{{ config(materialized='incremental', tags=['before_identity']) }}
with

-- An event may be landed again after its key was forgotten: the first landing stands. Such events are few, so only they
-- are ranked: a window over all events would not fit into memory. Nor would all events themselves: a CTE that is read
-- twice is written aside first, so each of these three reads what landed for itself.
landed_again as (

    select
        organization_id,
        event_id
    from {{ ref('stg_website_events__events') }}
    where {{ is_news('_written_in') }}
    group by organization_id, event_id
    having count(*) > 1

),

ranked_landings as (

    select
        landed.*,
        row_number() over (
            partition by landed.organization_id, landed.event_id
            order by landed._written_in, landed._loaded_at, landed.seq
        ) as landing_number
    from {{ ref('stg_website_events__events') }} as landed
    inner join landed_again
        on
            landed.organization_id = landed_again.organization_id
            and landed.event_id = landed_again.event_id
    where {{ is_news('landed._written_in') }}

),

first_landings as (

    select
        landed.*,
        1 as landing_number
    from {{ ref('stg_website_events__events') }} as landed
    where
        {{ is_news('landed._written_in') }}
        and not exists (
            select 1 from landed_again
            where
                landed_again.organization_id = landed.organization_id
                and landed_again.event_id = landed.event_id
        )
    union all
    select * from ranked_landings
    where landing_number = 1

),

unseen as (

    select first_landings.*
    from first_landings
    {% if is_incremental() %}
    where
        not exists (
            select 1 from {{ this }} as known
            where
                known.organization_id = first_landings.organization_id
                and known.event_id = first_landings.event_id
        )
    {% endif %}
),

-- The device's clock may be wrong by years, but it measures the wait between event and sending well. Without a
-- sending time (files of history) the time of occurrence is taken as it stands.
waited as (

    select
        *,
        case
            when occurred_at is null then 0.0
            when sent_at is null then {{ seconds_between('occurred_at', 'received_at') }}
            else {{ seconds_between('occurred_at', 'sent_at') }}
        end as waited_seconds
    from unseen

),

timed as (

    select
        *,
        -- History from a file may be old; an event of a device older than the bound is moved to the bound.
        case
            when waited_seconds <= 0 then received_at
            when occurred_at is not null and sent_at is null then occurred_at
            when waited_seconds > {{ var('late_event_days') }} * 86400
                then {{ plus_days('received_at', '-' ~ var('late_event_days')) }}
            else received_at - (sent_at - occurred_at)
        end as event_at
    from waited

),

cleaned as (

    select
        *,
        case
            when lower(page_host) like 'www.%' then substr(lower(page_host), 5)
            else lower(page_host)
        end as site_host,
        {{ host_of('referrer') }} as referring_host,
        nullif(lower(trim(utm_source)), '') as clean_source,
        nullif(lower(trim(utm_medium)), '') as clean_medium,
        nullif(trim(utm_campaign), '') as clean_campaign,
        case
            when gclid <> '' then 'gclid'
            when msclkid <> '' then 'msclkid'
            when li_fat_id <> '' then 'li_fat_id'
            when ttclid <> '' then 'ttclid'
            when fbclid <> '' then 'fbclid'
        end as click_id_kind,
        coalesce(nullif(gclid, ''), nullif(msclkid, ''), nullif(li_fat_id, ''), nullif(ttclid, ''), nullif(fbclid, ''))
            as click_id
    from timed

),

with_origin as (

    select
        *,
        case
            when not {{ is_same_site('referring_host', 'site_host') }} then referring_host
        end as referrer_host
    from cleaned

)

select
    organization_id,
    event_id,
    event_type,
    event_name,
    event_at,
    received_at,
    consent_level,
    anonymous_id,
    contact_id,
    email_hash,
    -- Whose stream of events this is. Without consent to an id, a visit is known by its session id, or by network
    -- and browser within one day; with consent to nothing, the event stands alone.
    case
        when anonymous_id is not null then 'anonymous:' || anonymous_id
        when session_hint is not null then 'session:' || session_hint
        when contact_id is not null then 'contact:' || contact_id
        when consent_level = 'none' then 'event:' || event_id
        else
            'network:' || md5(
                coalesce(ip_network, '') || '|' || coalesce(user_agent, '') || '|'
                || cast(cast(event_at as date) as string)
            )
    end as visitor_id,
    site_host,
    page_path,
    -- A page view that says where the visitor came from: a campaign, an advertisement, or another site.
    event_type = 'page_view' and (
        clean_source is not null
        or clean_medium is not null
        or clean_campaign is not null
        or click_id_kind is not null
        or referrer_host is not null
    ) as has_origin,
    referrer_host,
    clean_source as utm_source,
    clean_medium as utm_medium,
    clean_campaign as utm_campaign,
    click_id_kind,
    click_id,
    device_type,
    country,
    -- Who asks, where nothing else tells: the browser and its network.
    md5(coalesce(ip_network, '') || '|' || coalesce(user_agent, '')) as client_key,
    network_type,
    network_company_domain,
    network_company_name,
    network_confidence,
    -- The heartbeat says how long somebody was active since the one before.
    case
        when event_type = 'page_ping'
            then
                least(
                    greatest(coalesce(try_cast({{ json_text('properties', 'engaged_seconds') }} as double), 0.0), 0.0),
                    600.0
                )
        else 0.0
    end as engaged_seconds,
    -- A page or link that is hidden from people: only what reads the page's source finds it.
    coalesce(
        {{ is_trap('page_path') }} or {{ is_trap(json_text('properties', 'url')) }}, false
    ) as is_trap,
    coalesce(is_bot, false) as is_bot,
    nullif(bot_reasons, '') as bot_reasons
from with_origin

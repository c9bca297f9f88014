-- One row per page view that says where its visitor came from: source, medium, campaign and channel.
{{ config(materialized='incremental', tags=['before_identity']) }}
{%- set is_paid = matches('arrivals.utm_medium', '^(.*cp.*|ppc|retargeting|paid.*)$') %}
with

arrivals as (

    select * from {{ ref('int_events_timed') }}
    where has_origin and {{ is_news() }}

),

sources as (

    select * from {{ ref('int_sources_classified') }}

),

with_source as (

    select
        arrivals.organization_id,
        arrivals.visitor_id,
        arrivals.event_id,
        arrivals.event_at,
        arrivals.referrer_host,
        arrivals.utm_campaign as campaign,
        coalesce(referring.is_spam, false) or coalesce(tagged.is_spam, false) as is_referrer_spam,
        case
            when arrivals.utm_source is not null then tagged.category
            when arrivals.click_id_kind in ('gclid', 'msclkid') then 'search'
            when arrivals.click_id_kind is not null then 'social'
            else referring.category
        end as category,
        coalesce(
            arrivals.utm_source,
            case arrivals.click_id_kind
                when 'gclid' then 'google'
                when 'msclkid' then 'bing'
                when 'li_fat_id' then 'linkedin'
                when 'ttclid' then 'tiktok'
                when 'fbclid' then 'facebook'
            end,
            lower(referring.source_name),
            arrivals.referrer_host,
            '(not set)'
        ) as source,
        case
            -- A click id of an ad network says that the click was paid for, whatever else the link says. Facebook's
            -- is the exception: it is put on every link out of Facebook, so it names the source only.
            when arrivals.click_id_kind in ('gclid', 'msclkid') and not coalesce({{ is_paid }}, false) then 'cpc'
            when arrivals.click_id_kind in ('li_fat_id', 'ttclid') and not coalesce({{ is_paid }}, false)
                then 'paid_social'
            when arrivals.utm_medium is not null then arrivals.utm_medium
            when arrivals.utm_source is not null or arrivals.utm_campaign is not null then '(not set)'
            when arrivals.click_id_kind = 'fbclid' or referring.category = 'social' then 'social'
            when referring.category = 'search' then 'organic'
            when referring.category = 'email' then 'email'
            else 'referral'
        end as medium
    from arrivals
    left join sources as tagged on arrivals.utm_source = tagged.source_text
    left join sources as referring on arrivals.referrer_host = referring.source_text

)

select
    organization_id,
    visitor_id,
    event_id,
    event_at,
    referrer_host,
    source,
    medium,
    campaign,
    {{ default_channel_group('source', 'medium', 'lower(campaign)', 'category') }} as channel,
    is_referrer_spam
from with_source

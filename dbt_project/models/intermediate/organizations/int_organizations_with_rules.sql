-- One row per organization: its time zone, currency and the rules in force now, defaults filled in.
{{ config(tags=['before_identity']) }}
with

known as (

    select
        organization_id,
        time_zone,
        currency
    from {{ ref('stg_operational__organizations') }}

),

-- Events may land before the organization's own row does.
seen as (

    select distinct organization_id from {{ ref('stg_website_events__events') }}
    union
    select distinct organization_id from {{ ref('stg_operational__contacts') }}
    union
    select distinct organization_id from {{ ref('stg_ad_spend__spend') }}
    union
    select organization_id from known

),

versions as (

    select
        *,
        row_number() over (
            partition by organization_id, setting_name
            order by valid_from desc, version desc, organization_setting_id asc
        ) as newest_first
    from {{ ref('stg_operational__organization_settings') }}
    where valid_from <= {{ as_of_at() }}

),

session_rules as (

    select
        organization_id,
        cast({{ json_text('value', 'inactivity_minutes') }} as integer) as session_minutes,
        cast({{ json_text('value', 'new_session_on_campaign') }} as boolean) as is_split_by_campaign
    from versions
    where setting_name = 'session_rules' and newest_first = 1

),

bot_rules as (

    select
        organization_id,
        cast({{ json_text('value', 'version') }} as integer) as bot_rules_version
    from versions
    where setting_name = 'bot_rules' and newest_first = 1

),

attribution_rules as (

    select
        organization_id,
        cast({{ json_text('value', 'lookback_days') }} as integer) as lookback_days,
        cast({{ json_text('value', 'lookback_steps') }} as integer) as lookback_steps,
        {{ json_text('value', 'path_transform') }} as path_transform,
        cast({{ json_text('value', 'remove_direct') }} as boolean) as is_direct_removed,
        cast({{ json_text('value', 'half_life_days') }} as double) as half_life_days,
        cast({{ json_text('value', 'markov_order') }} as integer) as markov_order,
        cast({{ json_text('value', 'custom_shares.first') }} as double) as custom_first_share,
        cast({{ json_text('value', 'custom_shares.lead') }} as double) as custom_lead_share,
        cast({{ json_text('value', 'custom_shares.opportunity') }} as double) as custom_opportunity_share,
        cast({{ json_text('value', 'custom_shares.last') }} as double) as custom_last_share,
        cast({{ json_text('value', 'custom_shares.others') }} as double) as custom_others_share
    from versions
    where setting_name = 'attribution_rules' and newest_first = 1

)

select
    seen.organization_id,
    coalesce(known.time_zone, 'UTC') as time_zone,
    coalesce(known.currency, 'USD') as currency,
    coalesce(session_rules.session_minutes, 30) as session_minutes,
    coalesce(session_rules.is_split_by_campaign, true) as is_split_by_campaign,
    coalesce(attribution_rules.lookback_days, 90) as lookback_days,
    -- What is out of bounds counts as not set: one organization's typing error must not stop the others' build.
    case
        when attribution_rules.lookback_steps >= 1 then attribution_rules.lookback_steps else 100
    end as lookback_steps,
    case
        when
            attribution_rules.path_transform in ('unique', 'exposure', 'remove_consecutive_duplicates', 'first', 'last')
            then attribution_rules.path_transform
        else 'unique'
    end as path_transform,
    coalesce(attribution_rules.is_direct_removed, false) as is_direct_removed,
    cast(case
        when attribution_rules.half_life_days > 0 then attribution_rules.half_life_days else 7.0
    end as double) as half_life_days,
    case when attribution_rules.markov_order in (1, 2, 3) then attribution_rules.markov_order else 1 end
        as markov_order,
    greatest(coalesce(attribution_rules.custom_first_share, 0.3), 0.0) as custom_first_share,
    greatest(coalesce(attribution_rules.custom_lead_share, 0.2), 0.0) as custom_lead_share,
    greatest(coalesce(attribution_rules.custom_opportunity_share, 0.2), 0.0) as custom_opportunity_share,
    greatest(coalesce(attribution_rules.custom_last_share, 0.2), 0.0) as custom_last_share,
    greatest(coalesce(attribution_rules.custom_others_share, 0.1), 0.0) as custom_others_share,
    -- A version that this release does not know is its newest.
    least(
        coalesce(bot_rules.bot_rules_version, {{ var('bot_rules_version') }}), {{ var('bot_rules_version') }}
    ) as bot_rules_version
from seen
left join known on seen.organization_id = known.organization_id
left join session_rules on seen.organization_id = session_rules.organization_id
left join bot_rules on seen.organization_id = bot_rules.organization_id
left join attribution_rules on seen.organization_id = attribution_rules.organization_id
where seen.organization_id <> ''

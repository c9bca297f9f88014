-- One row per amount of spend, with our channel for it.
{{ config(tags=['before_identity']) }}
with

spend as (

    select
        organization_id,
        'ad_spend' as amount_kind,
        spend_id as amount_id,
        spend_on,
        channel as channel_text,
        lower(trim(source)) as source,
        lower(trim(medium)) as medium,
        campaign,
        click_count,
        impression_count
    from {{ ref('stg_ad_spend__spend') }}
    union all
    select
        spend.organization_id,
        'spend' as amount_kind,
        spend.spend_id as amount_id,
        spend.spend_on,
        spend.channel as channel_text,
        lower(trim(spend.source)) as source,
        lower(trim(campaigns.utm_medium)) as medium,
        campaigns.name as campaign,
        cast(null as bigint) as click_count,
        cast(null as bigint) as impression_count
    from {{ ref('stg_operational__spend') }} as spend
    left join {{ ref('stg_operational__campaigns') }} as campaigns
        on
            spend.organization_id = campaigns.organization_id
            and spend.campaign_id = campaigns.campaign_id

),

-- The same amount may have been landed by two files: amounts are unique, their descriptions are taken once.
once as (

    select
        *,
        row_number() over (
            partition by organization_id, amount_kind, amount_id order by spend_on, channel_text, campaign
        ) as copy_number
    from spend

),

with_channel as (

    select
        once.*,
        channels.channel as named_channel,
        case
            when once.source is not null or once.medium is not null
                then
                    {{ default_channel_group(
                        'once.source', 'once.medium', 'lower(once.campaign)', 'sources.category'
                    ) }}
        end as tagged_channel
    from once
    left join {{ ref('channels') }} as channels
        on replace(replace(lower(trim(once.channel_text)), '_', ' '), '-', ' ') = channels.channel_key
    left join {{ ref('int_sources_classified') }} as sources on once.source = sources.source_text
    where once.copy_number = 1

)

select
    with_channel.organization_id,
    with_channel.amount_kind,
    with_channel.amount_id,
    with_channel.spend_on,
    with_channel.channel_text,
    -- The channel named in the file wins; else its source and medium; what neither tells stays visible as Unassigned.
    coalesce(with_channel.named_channel, with_channel.tagged_channel, 'Unassigned') as channel,
    with_channel.named_channel is null and coalesce(with_channel.tagged_channel, 'Unassigned') = 'Unassigned'
        as is_unknown_channel,
    with_channel.campaign,
    with_channel.click_count,
    with_channel.impression_count,
    amounts.original_minor,
    amounts.original_currency,
    amounts.amount_minor as cost_minor,
    amounts.currency
from with_channel
inner join {{ ref('int_amounts_converted') }} as amounts
    on
        with_channel.organization_id = amounts.organization_id
        and with_channel.amount_kind = amounts.amount_kind
        and with_channel.amount_id = amounts.amount_id

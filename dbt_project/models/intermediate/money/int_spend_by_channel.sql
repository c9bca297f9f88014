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
        impression_count,
        _batch_id as batch_id,
        _loaded_at as stated_at
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
        cast(null as bigint) as impression_count,
        'by hand' as batch_id,
        {{ instant('null') }} as stated_at
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

),

named as (

    select
        with_channel.*,
        -- The channel named in the file wins; else its source and medium; what neither tells shows as Unassigned.
        coalesce(with_channel.named_channel, with_channel.tagged_channel, 'Unassigned') as channel,
        with_channel.named_channel is null and coalesce(with_channel.tagged_channel, 'Unassigned') = 'Unassigned'
            as is_unknown_channel,
        {{ without("lower(coalesce(with_channel.campaign, ''))", '[ _.,:;|()+-]+') }} as campaign_key,
        amounts.original_minor,
        amounts.original_currency,
        amounts.amount_minor,
        amounts.currency
    from with_channel
    inner join {{ ref('int_amounts_converted') }} as amounts
        on
            with_channel.organization_id = amounts.organization_id
            and with_channel.amount_kind = amounts.amount_kind
            and with_channel.amount_id = amounts.amount_id

),

-- One charge in two files under two spellings: the same day, channel, campaign and amount from elsewhere, and no source
-- that says otherwise. The newest stands, what was entered by hand goes first.
repeats as (

    select distinct
        older.organization_id,
        older.amount_kind,
        older.amount_id
    from named as older
    inner join named as newer
        on
            {{ is_stated_again('older', 'newer') }}
            and older.original_currency = newer.original_currency
            and older.original_minor = newer.original_minor
            and (not older.is_unknown_channel or older.channel_text = newer.channel_text)
    where older.original_minor > 0

)

select
    named.organization_id,
    named.amount_kind,
    named.amount_id,
    named.batch_id,
    named.stated_at,
    named.spend_on,
    named.channel_text,
    named.channel,
    named.is_unknown_channel,
    named.source,
    named.campaign,
    named.campaign_key,
    named.click_count,
    named.impression_count,
    named.original_minor,
    named.original_currency,
    repeats.amount_id is not null as is_repeat,
    case when repeats.amount_id is null then named.amount_minor end as cost_minor,
    case when repeats.amount_id is not null then named.amount_minor end as repeated_minor,
    named.currency
from named
left join repeats
    on
        named.organization_id = repeats.organization_id
        and named.amount_kind = repeats.amount_kind
        and named.amount_id = repeats.amount_id

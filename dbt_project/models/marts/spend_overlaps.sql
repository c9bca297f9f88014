-- One row per kind of overlap, channel and campaign: spend that two files or people state, and what became of it.
with

spend as (

    select * from {{ ref('int_spend_by_channel') }}

),

counted as (

    select * from spend
    where not is_repeat and original_minor > 0

),

-- Lines that speak of a whole channel, on a day whose campaigns came from elsewhere.
wholes as (

    select distinct
        whole.organization_id,
        whole.amount_kind,
        whole.amount_id
    from counted as whole
    inner join counted as part
        on
            whole.organization_id = part.organization_id
            and whole.spend_on = part.spend_on
            and whole.channel = part.channel
            and whole.batch_id <> part.batch_id
            and coalesce(whole.source, part.source, '') = coalesce(part.source, whole.source, '')
    where whole.campaign_key = '' and part.campaign_key <> '' and not whole.is_unknown_channel

),

-- The same day and campaign from two places with two amounts.
restated as (

    select distinct
        older.organization_id,
        older.amount_kind,
        older.amount_id
    from counted as older
    inner join counted as newer
        on
            {{ is_stated_again('older', 'newer') }}
    where not older.is_unknown_channel

),

found as (

    select
        'counted_once' as overlap,
        organization_id,
        channel,
        coalesce(campaign, '') as campaign,
        currency,
        spend_on,
        repeated_minor as amount_minor
    from spend
    where is_repeat
    union all
    select
        case when wholes.amount_id is not null then 'whole_and_parts' else 'two_amounts' end as overlap,
        counted.organization_id,
        counted.channel,
        coalesce(counted.campaign, '') as campaign,
        counted.currency,
        counted.spend_on,
        counted.cost_minor as amount_minor
    from counted
    left join wholes
        on
            counted.organization_id = wholes.organization_id
            and counted.amount_kind = wholes.amount_kind
            and counted.amount_id = wholes.amount_id
    left join restated
        on
            counted.organization_id = restated.organization_id
            and counted.amount_kind = restated.amount_kind
            and counted.amount_id = restated.amount_id
    where wholes.amount_id is not null or restated.amount_id is not null

)

select
    organization_id,
    overlap,
    channel,
    campaign,
    currency,
    count(*) as line_count,
    min(spend_on) as first_spend_on,
    max(spend_on) as last_spend_on,
    cast(sum(amount_minor) as bigint) as amount_minor
from found
group by organization_id, overlap, channel, campaign, currency

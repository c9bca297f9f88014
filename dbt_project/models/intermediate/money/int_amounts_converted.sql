-- One row per amount of money that reports add up, in the organization's currency; no amount where a rate is missing.
{{ config(tags=['before_identity']) }}
with

organizations as (

    select * from {{ ref('int_organizations_with_rules') }}

),

spend_files as (

    select
        *,
        row_number() over (
            partition by organization_id, spend_id order by _loaded_at desc
        ) as newest_first
    from {{ ref('stg_ad_spend__spend') }}

),

amounts as (

    select
        organization_id,
        'ad_spend' as amount_kind,
        spend_id as amount_id,
        spend_on as amount_on,
        amount_minor,
        upper(currency) as from_currency
    from spend_files
    where newest_first = 1
    union all
    select
        organization_id,
        'spend' as amount_kind,
        spend_id as amount_id,
        spend_on as amount_on,
        amount_minor,
        upper(currency) as from_currency
    from {{ ref('stg_operational__spend') }}
    union all
    select
        organization_id,
        'revenue' as amount_kind,
        revenue_entry_id as amount_id,
        starts_on as amount_on,
        amount_minor,
        upper(currency) as from_currency
    from {{ ref('stg_operational__revenue_entries') }}
    union all
    select
        deals.organization_id,
        'deal' as amount_kind,
        deals.deal_id as amount_id,
        {{ local_day('coalesce(deals.closed_at, deals.opened_at)', 'organizations.time_zone') }} as amount_on,
        deals.amount_minor,
        upper(deals.currency) as from_currency
    from {{ ref('stg_operational__deals') }} as deals
    inner join organizations on deals.organization_id = organizations.organization_id
    union all
    select
        versions.organization_id,
        'deal_version' as amount_kind,
        versions.deal_version_id as amount_id,
        {{ local_day('versions.priced_at', 'organizations.time_zone') }} as amount_on,
        versions.amount_minor,
        versions.currency as from_currency
    from {{ ref('int_deal_versions') }} as versions
    inner join organizations on versions.organization_id = organizations.organization_id

),

with_target as (

    select
        amounts.*,
        upper(organizations.currency) as to_currency
    from amounts
    inner join organizations on amounts.organization_id = organizations.organization_id

),

pairs as (

    select distinct
        amount_on,
        from_currency,
        to_currency
    from with_target
    where from_currency <> to_currency

),

-- A rate may be a week old (weekends, holidays), and may be given the other way round.
candidate_rates as (

    select
        pairs.*,
        rates.rate,
        rates.rate_on,
        0 as is_inverse
    from pairs
    inner join {{ ref('stg_operational__fx_rates') }} as rates
        on
            pairs.from_currency = rates.from_currency
            and pairs.to_currency = rates.to_currency
    where rates.rate_on between pairs.amount_on - interval '7 days' and pairs.amount_on
    union all
    select
        pairs.*,
        1.0 / rates.rate as rate,
        rates.rate_on,
        1 as is_inverse
    from pairs
    inner join {{ ref('stg_operational__fx_rates') }} as rates
        on
            pairs.from_currency = rates.to_currency
            and pairs.to_currency = rates.from_currency
    where rates.rate_on between pairs.amount_on - interval '7 days' and pairs.amount_on and rates.rate > 0

),

ranked_rates as (

    select
        *,
        row_number() over (
            partition by amount_on, from_currency, to_currency order by rate_on desc, is_inverse asc
        ) as best_first
    from candidate_rates

),

with_rate as (

    select
        with_target.*,
        case when with_target.from_currency = with_target.to_currency then 1.0 else rates.rate end as rate
    from with_target
    left join ranked_rates as rates
        on
            with_target.amount_on = rates.amount_on
            and with_target.from_currency = rates.from_currency
            and with_target.to_currency = rates.to_currency
            and rates.best_first = 1

)

select
    with_rate.organization_id,
    with_rate.amount_kind,
    with_rate.amount_id,
    with_rate.amount_on,
    with_rate.amount_minor as original_minor,
    with_rate.from_currency as original_currency,
    with_rate.to_currency as currency,
    with_rate.rate,
    cast(round(
        with_rate.amount_minor * with_rate.rate
        * power(10, coalesce(to_digits.minor_digits, 2) - coalesce(from_digits.minor_digits, 2))
    ) as bigint) as amount_minor
from with_rate
left join {{ ref('currency_digits') }} as from_digits on with_rate.from_currency = from_digits.currency
left join {{ ref('currency_digits') }} as to_digits on with_rate.to_currency = to_digits.currency

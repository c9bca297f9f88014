-- One row per day and pair of currencies for which an amount exists and no rate does: what reports leave out.
select
    organization_id,
    amount_on as rate_on,
    original_currency as from_currency,
    currency as to_currency,
    count(*) as amount_count,
    cast(sum(original_minor) as bigint) as left_out_minor
from {{ ref('int_amounts_converted') }}
-- What a deal was worth before says nothing that its amount of today does not.
where rate is null and amount_kind <> 'deal_version'
group by organization_id, amount_on, original_currency, currency

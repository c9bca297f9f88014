-- One row per channel name of spend that we do not know: its cost is reported under Unassigned until it is mapped.
select
    organization_id,
    coalesce(channel_text, '') as channel_text,
    currency,
    count(*) as amount_count,
    cast(sum(cost_minor) as bigint) as cost_minor,
    min(spend_on) as first_spend_on,
    max(spend_on) as last_spend_on
from {{ ref('int_spend_by_channel') }}
where is_unknown_channel
group by organization_id, coalesce(channel_text, ''), currency

-- A returned row is a conversion whose credits under one rule do not add up to the whole of it.
{{ config(tags=['after_identity']) }}
select
    conversion_id,
    attribution_level,
    model,
    sum(credit) as credit_sum
from {{ ref('attribution_credits') }}
group by conversion_id, attribution_level, model
having abs(sum(credit) - 1.0) > 1e-9

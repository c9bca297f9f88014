-- One row per contact with revenue: what its one-off and recurring entries brought up to the build.
{{ config(tags=['before_identity']) }}
select
    organization_id,
    contact_id,
    cast(sum(amount_minor) as bigint) as revenue_minor
from {{ ref('int_revenue_payments') }}
where contact_id is not null
group by organization_id, contact_id

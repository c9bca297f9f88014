-- A returned row is a funnel stage that more people reached than the stage before it.
{{ config(tags=['after_identity']) }}
select
    organization_id,
    stage
from {{ ref('funnel_stages') }}
where from_previous_rate > 1

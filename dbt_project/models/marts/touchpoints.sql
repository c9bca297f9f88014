-- One row per human touch of a person with us.
select
    organization_id,
    touchpoint_id,
    person_id,
    contact_id,
    company_id,
    touched_at,
    channel,
    source,
    medium,
    campaign,
    kind,
    session_id
from {{ ref('int_touchpoints_unioned') }}

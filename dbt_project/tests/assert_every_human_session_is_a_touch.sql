-- A returned row is a session of a person that is no touchpoint, or a session of a machine that is one.
{{ config(tags=['after_identity']) }}
select sessions.session_id
from {{ ref('sessions') }} as sessions
left join {{ ref('touchpoints') }} as touchpoints on sessions.session_id = touchpoints.session_id
where sessions.is_bot = (touchpoints.session_id is not null)

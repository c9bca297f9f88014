-- A returned row is a training row that looks at a moment after its outcome, unless both came with the lead.
{{ config(tags=['after_identity']) }}
select contact_id
from {{ ref('contact_training_rows') }}
where outcome_at is not null and as_of_at >= outcome_at and outcome_at > known_at

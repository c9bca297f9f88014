-- One row per contact and moment at which its features are wanted: now, and once for training.
{{ config(tags=['before_identity']) }}
with

outcomes as (

    select
        *,
        -- An outcome that came with the lead is judged by what came with the lead. Every other contact is looked at
        -- equally long after it was known, or the age of the record would give the outcome away.
        case
            when outcome_source like 'attribute:%' and outcome_at <= known_at then known_at
            else {{ plus_days('known_at', var('training_moment_days')) }}
        end as moment_at
    from {{ ref('int_contact_outcomes') }}

)

select
    organization_id,
    contact_id,
    known_at,
    'now' as moment_kind,
    {{ as_of_at() }} as as_of_at
from {{ ref('stg_operational__contacts') }}
where not is_merged
union all
-- An outcome between the day we knew a contact and the day we look was decided already: nothing to predict.
select
    organization_id,
    contact_id,
    known_at,
    'training' as moment_kind,
    moment_at as as_of_at
from outcomes
where
    moment_at <= {{ as_of_at() }}
    and (outcome_at is null or outcome_at <= known_at or outcome_at > moment_at)

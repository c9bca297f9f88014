-- One row per pair of nodes that somebody decided about, with the decision that stands.
{{ config(tags=['before_identity']) }}
with

decisions as (

    select
        *,
        least(left_node, right_node) as low_node,
        greatest(left_node, right_node) as high_node,
        -- What a form or an identify said is an observation, however sure: a person's word outranks every one of them.
        rule in ('form', 'identify_signed', 'identify_unsigned') as is_observation
    from {{ ref('stg_operational__identity_decisions') }}
    where
        revoked_at is null
        and left_node <> right_node
        -- Which companies are one says nothing of which people are.
        and not (left_node like 'company:%' and right_node like 'company:%')

),

ranked as (

    select
        *,
        row_number() over (
            partition by organization_id, low_node, high_node
            order by is_observation asc, decided_at desc, identity_decision_id desc
        ) as newest_first
    from decisions

)

select
    organization_id,
    identity_decision_id,
    low_node as left_node,
    high_node as right_node,
    verdict,
    rule,
    is_observation,
    confidence,
    decided_at
from ranked
where newest_first = 1

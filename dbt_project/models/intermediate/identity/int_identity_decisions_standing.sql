-- One row per pair of nodes that somebody decided about, with the decision that stands.
{{ config(tags=['before_identity']) }}
with

decisions as (

    select
        *,
        least(left_node, right_node) as low_node,
        greatest(left_node, right_node) as high_node
    from {{ ref('stg_operational__identity_decisions') }}
    where revoked_at is null and left_node <> right_node

),

ranked as (

    select
        *,
        row_number() over (
            partition by organization_id, low_node, high_node order by decided_at desc, identity_decision_id desc
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
    confidence,
    decided_at
from ranked
where newest_first = 1

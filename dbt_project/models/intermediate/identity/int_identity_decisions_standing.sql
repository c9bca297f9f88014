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

),

held_addresses as (

    select distinct
        organization_id,
        'email:' || email_hash as node
    from {{ ref('stg_operational__contacts') }}
    where email_hash is not null

)

select
    ranked.organization_id,
    ranked.identity_decision_id,
    ranked.low_node as left_node,
    ranked.high_node as right_node,
    ranked.verdict,
    ranked.rule,
    ranked.is_observation,
    ranked.confidence,
    ranked.decided_at
from ranked
left join held_addresses
    on
        ranked.organization_id = held_addresses.organization_id
        and ranked.high_node = held_addresses.node
        and ranked.rule = 'former_address'
-- An address that was corrected away is whoever's that holds it now.
where ranked.newest_first = 1 and held_addresses.node is null

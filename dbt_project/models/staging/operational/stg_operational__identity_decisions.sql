-- One row per decision that two nodes are the same, or are not.
with

source as (

    select * from {{ ref('stg_operational__latest_rows') }}
    where entity = 'identity_decision' and op <> 'delete'

),

renamed as (

    select
        organization_id,
        entity_id as identity_decision_id,
        {{ json_text('entity_row', 'left_node') }} as left_node,
        {{ json_text('entity_row', 'right_node') }} as right_node,
        {{ json_text('entity_row', 'verdict') }} as verdict,
        {{ json_text('entity_row', 'rule') }} as rule,
        {{ json_part('entity_row', 'evidence') }} as evidence,
        cast({{ json_text('entity_row', 'confidence') }} as double) as confidence,
        {{ json_text('entity_row', 'decided_by') }} as decided_by,
        {{ instant(json_text('entity_row', 'decided_at')) }} as decided_at,
        {{ instant(json_text('entity_row', 'revoked_at')) }} as revoked_at
    from source

)

select * from renamed

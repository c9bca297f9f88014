-- One row per entry of a deal into a stage.
with

source as (

    select * from {{ ref('stg_operational__latest_rows') }}
    where entity = 'deal_stage_change' and op <> 'delete'

),

renamed as (

    select
        organization_id,
        entity_id as deal_stage_change_id,
        {{ json_text('entity_row', 'deal_id') }} as deal_id,
        {{ json_text('entity_row', 'from_stage') }} as from_stage,
        {{ json_text('entity_row', 'to_stage') }} as to_stage,
        {{ instant(json_text('entity_row', 'occurred_at')) }} as occurred_at,
        {{ instant(json_text('entity_row', 'known_at')) }} as known_at
    from source

)

select * from renamed

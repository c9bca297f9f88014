-- One row per custom attribute and what a model may do with it.
with

source as (

    select * from {{ ref('stg_operational__latest_rows') }}
    where entity = 'attribute_definition' and op <> 'delete'

),

renamed as (

    select
        organization_id,
        entity_id as attribute_definition_id,
        {{ json_text('entity_row', 'entity') }} as attribute_entity,
        {{ json_text('entity_row', 'key') }} as attribute_key,
        {{ json_text('entity_row', 'label') }} as label,
        {{ json_text('entity_row', 'data_type') }} as data_type,
        {{ json_text('entity_row', 'role') }} as role,
        {{ json_text('entity_row', 'positive_value') }} as positive_value
    from source

)

select * from renamed

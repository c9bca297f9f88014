-- One row per organization that has not been deleted.
with

source as (

    select * from {{ ref('stg_operational__latest_rows') }}
    where entity = 'organization' and op <> 'delete'

),

renamed as (

    select
        entity_id as organization_id,
        {{ json_text('entity_row', 'parent_organization_id') }} as parent_organization_id,
        {{ json_text('entity_row', 'kind') }} as organization_kind,
        {{ json_text('entity_row', 'name') }} as name,
        {{ json_text('entity_row', 'time_zone') }} as time_zone,
        {{ json_text('entity_row', 'currency') }} as currency
    from source

)

select * from renamed

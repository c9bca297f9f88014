-- One row per form.
with

source as (

    select * from {{ ref('stg_operational__latest_rows') }}
    where entity = 'form' and op <> 'delete'

),

renamed as (

    select
        organization_id,
        entity_id as form_id,
        {{ json_text('entity_row', 'name') }} as name
    from source

)

select * from renamed

-- One row per version of a setting of an organization.
with

source as (

    select * from {{ ref('stg_operational__latest_rows') }}
    where entity = 'organization_setting' and op <> 'delete'

),

renamed as (

    select
        organization_id,
        entity_id as organization_setting_id,
        {{ json_text('entity_row', 'name') }} as setting_name,
        cast({{ json_text('entity_row', 'version') }} as integer) as version,
        {{ json_part('entity_row', 'value') }} as value,
        {{ instant(json_text('entity_row', 'valid_from')) }} as valid_from
    from source

)

select * from renamed

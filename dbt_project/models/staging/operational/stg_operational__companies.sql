-- One row per company that has not been deleted.
with

source as (

    select * from {{ ref('stg_operational__latest_rows') }}
    where entity = 'company' and op <> 'delete'

),

renamed as (

    select
        organization_id,
        entity_id as company_id,
        -- The record that stands for this one now: itself, or the company that it was merged into.
        coalesce({{ json_text('entity_row', 'merged_into_id') }}, entity_id) as current_company_id,
        {{ json_text('entity_row', 'merged_into_id') }} is not null as is_merged,
        {{ json_text('entity_row', 'name') }} as name,
        {{ json_text('entity_row', 'domain') }} as domain,
        {{ json_text('entity_row', 'industry') }} as industry,
        {{ json_text('entity_row', 'country') }} as country,
        cast({{ json_text('entity_row', 'employee_count') }} as integer) as employee_count,
        {{ json_part('entity_row', 'attributes') }} as attributes,
        {{ instant(json_text('entity_row', 'created_at')) }} as created_at,
        {{ instant(json_text('entity_row', 'updated_at')) }} as updated_at
    from source

)

select * from renamed

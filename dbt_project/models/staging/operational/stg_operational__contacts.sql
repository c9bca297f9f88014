-- One row per contact that has not been deleted.
{{ config(materialized='table', tags=['pii']) }}
with

source as (

    select * from {{ ref('stg_operational__latest_rows') }}
    where entity = 'contact' and op <> 'delete'

),

renamed as (

    select
        organization_id,
        entity_id as contact_id,
        -- The record that stands for this one now: itself, or the contact that it was merged into.
        coalesce({{ json_text('entity_row', 'merged_into_id') }}, entity_id) as current_contact_id,
        {{ json_text('entity_row', 'merged_into_id') }} is not null as is_merged,
        {{ json_text('entity_row', 'company_id') }} as company_id,
        {{ json_text('entity_row', 'email') }} as email,
        {{ json_text('entity_row', 'email_hash') }} as email_hash,
        {{ json_text('entity_row', 'external_id') }} as external_id,
        {{ json_text('entity_row', 'first_name') }} as first_name,
        {{ json_text('entity_row', 'last_name') }} as last_name,
        {{ json_text('entity_row', 'title') }} as title,
        {{ json_text('entity_row', 'phone') }} as phone,
        {{ json_text('entity_row', 'country') }} as country,
        {{ json_text('entity_row', 'lifecycle_stage') }} as lifecycle_stage,
        {{ json_text('entity_row', 'source') }} as source,
        {{ json_text('entity_row', 'import_id') }} as import_id,
        {{ json_part('entity_row', 'attributes') }} as attributes,
        {{ instant(json_text('entity_row', 'known_at')) }} as known_at,
        {{ instant(json_text('entity_row', 'created_at')) }} as created_at,
        {{ instant(json_text('entity_row', 'updated_at')) }} as updated_at
    from source

)

select * from renamed

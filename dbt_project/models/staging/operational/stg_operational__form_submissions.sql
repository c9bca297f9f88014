-- One row per form submission, held ones included.
{{ config(tags=['pii']) }}
with

source as (

    select * from {{ ref('stg_operational__latest_rows') }}
    where entity = 'form_submission' and op <> 'delete'

),

renamed as (

    select
        organization_id,
        entity_id as form_submission_id,
        {{ json_text('entity_row', 'form_id') }} as form_id,
        {{ json_text('entity_row', 'contact_id') }} as contact_id,
        {{ json_text('entity_row', 'anonymous_id') }} as anonymous_id,
        {{ json_text('entity_row', 'page_url') }} as page_url,
        {{ json_part('entity_row', 'utm') }} as utm,
        {{ json_text('entity_row', 'status') }} as status,
        {{ json_text('entity_row', 'held_reason') }} as held_reason,
        {{ instant(json_text('entity_row', 'submitted_at')) }} as submitted_at
    from source

)

select * from renamed

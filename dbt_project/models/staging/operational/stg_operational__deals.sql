-- One row per deal that has not been deleted.
with

source as (

    select * from {{ ref('stg_operational__latest_rows') }}
    where entity = 'deal' and op <> 'delete'

),

renamed as (

    select
        organization_id,
        entity_id as deal_id,
        {{ json_text('entity_row', 'contact_id') }} as contact_id,
        {{ json_text('entity_row', 'company_id') }} as company_id,
        {{ json_text('entity_row', 'external_id') }} as external_id,
        {{ json_text('entity_row', 'name') }} as name,
        {{ json_text('entity_row', 'pipeline') }} as pipeline,
        {{ json_text('entity_row', 'stage') }} as stage,
        {{ json_text('entity_row', 'stage_key') }} as stage_key,
        cast({{ json_text('entity_row', 'amount_minor') }} as bigint) as amount_minor,
        {{ json_text('entity_row', 'currency') }} as currency,
        cast({{ json_text('entity_row', 'expected_close_on') }} as date) as expected_close_on,
        {{ instant(json_text('entity_row', 'opened_at')) }} as opened_at,
        {{ instant(json_text('entity_row', 'closed_at')) }} as closed_at
    from source

)

select * from renamed

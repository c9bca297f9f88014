-- One row per entry of revenue.
with

source as (

    select * from {{ ref('stg_operational__latest_rows') }}
    where entity = 'revenue_entry' and op <> 'delete'

),

renamed as (

    select
        organization_id,
        entity_id as revenue_entry_id,
        {{ json_text('entity_row', 'deal_id') }} as deal_id,
        {{ json_text('entity_row', 'contact_id') }} as contact_id,
        {{ json_text('entity_row', 'kind') }} as kind,
        cast({{ json_text('entity_row', 'amount_minor') }} as bigint) as amount_minor,
        {{ json_text('entity_row', 'currency') }} as currency,
        cast({{ json_text('entity_row', 'starts_on') }} as date) as starts_on,
        cast({{ json_text('entity_row', 'ends_on') }} as date) as ends_on
    from source

)

select * from renamed

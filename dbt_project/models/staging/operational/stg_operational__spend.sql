-- One row per amount of spend entered by hand.
with

source as (

    select * from {{ ref('stg_operational__latest_rows') }}
    where entity = 'spend' and op <> 'delete'

),

renamed as (

    select
        organization_id,
        entity_id as spend_id,
        {{ json_text('entity_row', 'campaign_id') }} as campaign_id,
        {{ json_text('entity_row', 'channel') }} as channel,
        {{ json_text('entity_row', 'source') }} as source,
        cast({{ json_text('entity_row', 'amount_minor') }} as bigint) as amount_minor,
        {{ json_text('entity_row', 'currency') }} as currency,
        cast({{ json_text('entity_row', 'spend_on') }} as date) as spend_on
    from source

)

select * from renamed

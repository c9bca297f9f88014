-- One row per day and pair of currencies.
with

source as (

    select * from {{ ref('stg_operational__latest_rows') }}
    where entity = 'fx_rate' and op <> 'delete'

),

renamed as (

    select
        cast({{ json_text('entity_row', 'rate_on') }} as date) as rate_on,
        {{ json_text('entity_row', 'from_currency') }} as from_currency,
        {{ json_text('entity_row', 'to_currency') }} as to_currency,
        cast({{ json_text('entity_row', 'rate') }} as double) as rate
    from source

)

select * from renamed

-- One row per signal that has not been deleted.
with

source as (

    select * from {{ ref('stg_operational__latest_rows') }}
    where entity = 'buying_signal' and op <> 'delete'

),

renamed as (

    select
        organization_id,
        entity_id as buying_signal_id,
        {{ json_text('entity_row', 'contact_id') }} as contact_id,
        {{ json_text('entity_row', 'company_id') }} as company_id,
        {{ json_text('entity_row', 'kind') }} as kind,
        {{ json_text('entity_row', 'source') }} as source,
        cast({{ json_text('entity_row', 'strength') }} as double) as strength,
        cast({{ json_text('entity_row', 'half_life_days') }} as double) as half_life_days,
        {{ instant(json_text('entity_row', 'observed_at')) }} as observed_at,
        {{ instant(json_text('entity_row', 'created_at')) }} as recorded_at
    from source

)

select * from renamed

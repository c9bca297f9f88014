-- One row per campaign.
with

source as (

    select * from {{ ref('stg_operational__latest_rows') }}
    where entity = 'campaign' and op <> 'delete'

),

renamed as (

    select
        organization_id,
        entity_id as campaign_id,
        {{ json_text('entity_row', 'sequence_id') }} as sequence_id,
        {{ json_text('entity_row', 'name') }} as name,
        {{ json_text('entity_row', 'channel') }} as channel,
        {{ json_text('entity_row', 'utm_source') }} as utm_source,
        {{ json_text('entity_row', 'utm_medium') }} as utm_medium,
        {{ json_text('entity_row', 'utm_campaign') }} as utm_campaign
    from source

)

select * from renamed

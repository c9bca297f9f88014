-- One row per line of a timeline.
with

source as (

    select * from {{ ref('stg_operational__latest_rows') }}
    where entity = 'activity' and op <> 'delete'

),

renamed as (

    select
        organization_id,
        entity_id as activity_id,
        {{ json_text('entity_row', 'contact_id') }} as contact_id,
        {{ json_text('entity_row', 'company_id') }} as company_id,
        {{ json_text('entity_row', 'deal_id') }} as deal_id,
        {{ json_text('entity_row', 'kind') }} as kind,
        {{ json_part('entity_row', 'detail') }} as detail,
        {{ json_text('entity_row', 'actor_kind') }} as actor_kind,
        cast({{ json_text('entity_row', 'is_automated') }} as boolean) as is_automated,
        {{ instant(json_text('entity_row', 'occurred_at')) }} as occurred_at,
        {{ instant(json_text('entity_row', 'known_at')) }} as known_at
    from source

)

select * from renamed

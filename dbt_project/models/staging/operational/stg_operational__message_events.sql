-- One row per thing that happened to a message of our own outbox.
with

source as (

    select * from {{ ref('stg_operational__latest_rows') }}
    where entity = 'message_event' and op <> 'delete'

),

renamed as (

    select
        organization_id,
        entity_id as message_event_id,
        {{ json_text('entity_row', 'outbox_message_id') }} as outbox_message_id,
        {{ json_text('entity_row', 'sequence_id') }} as sequence_id,
        {{ json_text('entity_row', 'step_id') }} as step_id,
        {{ json_text('entity_row', 'mailbox_id') }} as mailbox_id,
        {{ json_text('entity_row', 'contact_id') }} as contact_id,
        {{ json_text('entity_row', 'kind') }} as kind,
        {{ json_part('entity_row', 'detail') }} as detail,
        {{ instant(json_text('entity_row', 'occurred_at')) }} as occurred_at,
        changed_at
    from source

)

select * from renamed

-- One row per request for the picture or a link of a message of our own outbox.
with

source as (

    select * from {{ ref('stg_operational__latest_rows') }}
    where entity = 'message_hit' and op <> 'delete'

),

renamed as (

    select
        organization_id,
        entity_id as message_hit_id,
        {{ json_text('entity_row', 'outbox_message_id') }} as outbox_message_id,
        {{ json_text('entity_row', 'sequence_id') }} as sequence_id,
        {{ json_text('entity_row', 'step_id') }} as step_id,
        {{ json_text('entity_row', 'mailbox_id') }} as mailbox_id,
        {{ json_text('entity_row', 'contact_id') }} as contact_id,
        {{ json_text('entity_row', 'kind') }} as kind,
        {{ json_text('entity_row', 'link_url') }} as link_url,
        {{ json_text('entity_row', 'user_agent') }} as user_agent,
        {{ json_text('entity_row', 'ip_network') }} as ip_network,
        cast({{ json_text('entity_row', 'is_machine') }} as boolean) as is_machine,
        {{ json_part('entity_row', 'reasons') }} as reasons,
        {{ instant(json_text('entity_row', 'occurred_at')) }} as occurred_at,
        changed_at
    from source

)

select * from renamed

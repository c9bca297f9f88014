-- One row per event of an outbound message.
with

source as (

    select * from {{ source('email_engagement', 'events') }}

),

renamed as (

    select
        organization_id,
        event_id as email_event_id,
        type as event_type,
        message_id,
        campaign,
        sequence_step,
        contact_id,
        email_hash,
        link_url,
        machine_reason,
        properties,
        coalesce(is_machine, false) as is_machine,
        occurred_at,
        _loaded_at
    from source

)

select * from renamed

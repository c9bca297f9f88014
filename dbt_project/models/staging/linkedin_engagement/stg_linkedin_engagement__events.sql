-- One row per connection, invitation, message or lead form response on LinkedIn.
with

source as (

    select * from {{ source('linkedin_engagement', 'events') }}

),

renamed as (

    select
        organization_id,
        event_id as linkedin_event_id,
        type as event_type,
        person_key,
        email_hash,
        company,
        position,
        campaign,
        properties,
        occurred_at,
        _loaded_at
    from source

)

select * from renamed

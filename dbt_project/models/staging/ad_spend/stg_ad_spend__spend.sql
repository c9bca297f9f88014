-- One row per day, channel and campaign of an imported spend file.
with

source as (

    select * from {{ source('ad_spend', 'spend') }}

),

renamed as (

    select
        organization_id,
        spend_id,
        channel,
        source,
        medium,
        campaign,
        amount_minor,
        currency,
        click_count,
        impression_count,
        spend_on,
        _loaded_at,
        _batch_id
    from source

)

select * from renamed

-- One row per answer of an enrichment provider.
with

source as (

    select * from {{ source('enrichment', 'responses') }}

),

renamed as (

    select
        organization_id,
        response_id,
        provider,
        entity,
        lookup_key,
        contact_id,
        company_id,
        status,
        cost_minor,
        currency,
        response,
        requested_at,
        _loaded_at
    from source

)

select * from renamed

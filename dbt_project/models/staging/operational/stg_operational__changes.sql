-- One row per change of a row of the operational store.
with

source as (

    select
        *,
        {{ written_in() }} as _written_in
    from {{ source('operational', 'changes') }}

),

renamed as (

    select
        organization_id,
        seq,
        entity,
        entity_id,
        op,
        row as entity_row,
        changed_at,
        _written_in
    from source

)

select * from renamed

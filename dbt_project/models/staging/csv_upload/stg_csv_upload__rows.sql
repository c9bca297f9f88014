-- One row per row of an uploaded file.
with

source as (

    select * from {{ source('csv_upload', 'rows') }}

),

renamed as (

    select
        organization_id,
        import_id,
        row_number as file_row_number,
        row as file_row,
        file_name,
        _loaded_at
    from source

)

select * from renamed

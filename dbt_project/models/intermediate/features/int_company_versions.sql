-- One row per version of a company: what its record said from one moment to the next.
{{ config(
    materialized='incremental',
    tags=['before_identity']
) }}
with

changes as (

    select * from {{ ref('stg_operational__changes') }}
    where entity = 'company' and op <> 'delete' and {{ is_news('_written_in') }}

),

-- An erasure rewrites old rows of the log, which then look new.
unseen as (

    select changes.*
    from changes
    {% if is_incremental() %}
    left join {{ this }} as known
        on
            changes.organization_id = known.organization_id
            and changes.entity_id = known.company_id
            and changes.seq = known.seq
    where known.seq is null
    {% endif %}
)

select
    organization_id,
    entity_id as company_id,
    seq,
    changed_at,
    nullif({{ json_text('entity_row', 'industry') }}, '') as industry,
    cast({{ json_text('entity_row', 'employee_count') }} as integer) as employee_count
from unseen

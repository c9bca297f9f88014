-- One row per version of a contact: what the record said from one moment to the next.
{{ config(
    materialized='incremental',
    tags=['before_identity', 'pii']
) }}
with

changes as (

    select * from {{ ref('stg_operational__changes') }}
    where entity = 'contact' and op <> 'delete' and {{ is_news('_written_in') }}

),

-- An erasure rewrites old rows of the log, which then look new.
unseen as (

    select changes.*
    from changes
    {% if is_incremental() %}
    left join {{ this }} as known
        on
            changes.organization_id = known.organization_id
            and changes.entity_id = known.contact_id
            and changes.seq = known.seq
    where known.seq is null
    {% endif %}
)

select
    organization_id,
    entity_id as contact_id,
    seq,
    changed_at,
    nullif({{ json_text('entity_row', 'title') }}, '') as title,
    {{ json_text('entity_row', 'country') }} as country,
    {{ json_text('entity_row', 'source') }} as source,
    lower(split_part({{ json_text('entity_row', 'email') }}, '@', 2)) as email_domain,
    coalesce({{ json_text('entity_row', 'phone') }}, '') <> '' as has_phone,
    {{ json_text('entity_row', 'company_id') }} as company_id,
    {{ json_part('entity_row', 'attributes') }} as attributes
from unseen

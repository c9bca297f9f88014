-- One row per entity and id ever seen in the change log: its newest change, deletes included.
{{ config(
    materialized='incremental',
    unique_key=['organization_id', 'entity', 'entity_id']
) }}
with

news as (

    select
        organization_id,
        entity,
        entity_id,
        seq,
        op,
        entity_row,
        changed_at
    from {{ ref('stg_operational__changes') }}
    where {{ is_news('_written_in') }}

),

candidates as (

    select * from news
    {% if is_incremental() %}
    union all
    select known.*
    from {{ this }} as known
    inner join (select distinct
        organization_id,
        entity,
        entity_id
    from news) as touched
        on
            known.organization_id = touched.organization_id
            and known.entity = touched.entity
            and known.entity_id = touched.entity_id
    {% endif %}
),

ranked as (

    select
        *,
        row_number() over (
            partition by organization_id, entity, entity_id order by seq desc
        ) as newest_first
    from candidates

)

select
    organization_id,
    entity,
    entity_id,
    seq,
    op,
    entity_row,
    changed_at
from ranked
where newest_first = 1

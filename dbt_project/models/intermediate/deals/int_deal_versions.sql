-- One row per version of a deal: what its record said from one change to the next.
{{ config(tags=['before_identity']) }}
with

changes as (

    select
        organization_id,
        entity_id as deal_id,
        seq,
        changed_at,
        op = 'delete' as is_deleted,
        {{ json_text('entity_row', 'pipeline') }} as pipeline,
        {{ json_text('entity_row', 'stage') }} as stage,
        cast({{ json_text('entity_row', 'amount_minor') }} as bigint) as amount_minor,
        upper({{ json_text('entity_row', 'currency') }}) as currency,
        cast({{ json_text('entity_row', 'expected_close_on') }} as date) as expected_close_on,
        {{ instant(json_text('entity_row', 'opened_at')) }} as opened_at,
        {{ instant(json_text('entity_row', 'closed_at')) }} as closed_at
    from {{ ref('stg_operational__changes') }}
    where entity = 'deal'

),

beside_the_former as (

    select
        *,
        lag(seq) over (partition by organization_id, deal_id order by seq) as former_seq,
        lag(stage) over (partition by organization_id, deal_id order by seq) as former_stage,
        lag(amount_minor) over (partition by organization_id, deal_id order by seq) as former_minor,
        lag(currency) over (partition by organization_id, deal_id order by seq) as former_currency,
        lead(changed_at) over (partition by organization_id, deal_id order by seq) as changed_until
    from changes

),

-- A price holds from the day it was set: a version that says the same is no new price.
priced as (

    select
        *,
        max(
            case
                when former_seq is not null and (amount_minor <> former_minor or currency <> former_currency)
                    then changed_at
            end
        ) over (
            partition by organization_id, deal_id order by seq rows between unbounded preceding and current row
        ) as repriced_at
    from beside_the_former

)

select
    organization_id,
    deal_id,
    seq,
    {{ key_of(['deal_id', 'seq']) }} as deal_version_id,
    changed_at,
    changed_until,
    former_seq is null as is_first,
    is_deleted,
    pipeline,
    stage,
    former_stage is null or former_stage <> stage as is_other_stage,
    amount_minor,
    currency,
    coalesce(repriced_at, opened_at, changed_at) as priced_at,
    expected_close_on,
    opened_at,
    closed_at
from priced

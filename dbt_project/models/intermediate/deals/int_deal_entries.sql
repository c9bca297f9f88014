-- One row per entry of a deal into a stage: when it was entered, and when we knew.
{{ config(tags=['before_identity']) }}
with

changes as (

    select
        *,
        row_number() over (partition by organization_id, entity_id order by seq) as first_first
    from {{ ref('stg_operational__changes') }}
    where entity = 'deal_stage_change' and op <> 'delete'

),

-- From the log, so that a deal that was deleted since keeps the history that was known before.
of_history as (

    select
        organization_id,
        {{ json_text('entity_row', 'deal_id') }} as deal_id,
        seq,
        {{ json_text('entity_row', 'to_stage') }} as stage,
        {{ instant(json_text('entity_row', 'occurred_at')) }} as entered_at,
        {{ instant(json_text('entity_row', 'known_at')) }} as known_at
    from changes
    where first_first = 1

),

-- A deal without a history of stages has the one that its versions tell.
of_versions as (

    select
        versions.organization_id,
        versions.deal_id,
        versions.seq,
        versions.stage,
        case
            when versions.stage in ('won', 'lost') then coalesce(versions.closed_at, versions.changed_at)
            when versions.is_first then coalesce(versions.opened_at, versions.changed_at)
            else versions.changed_at
        end as entered_at,
        versions.changed_at as known_at
    from {{ ref('int_deal_versions') }} as versions
    left join of_history
        on
            versions.organization_id = of_history.organization_id
            and versions.deal_id = of_history.deal_id
    where of_history.deal_id is null and versions.is_other_stage and not versions.is_deleted

)

select * from of_history
union all
select * from of_versions

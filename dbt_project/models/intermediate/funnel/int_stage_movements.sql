-- One row per contact and move into a funnel stage, forward, back or again, until it left the stage.
{{ config(tags=['before_identity']) }}
with

reports as (

    select
        *,
        lag(stage) over (
            partition by organization_id, contact_id
            order by entered_at, stage_order nulls last, evidence_id
        ) as stage_before
    from {{ ref('int_stage_reports') }}

),

-- Further reports of the stage one already stands in are no moves.
moves as (

    select
        organization_id,
        contact_id,
        stage,
        stage_order,
        entered_at,
        evidence_id
    from reports
    where stage_before is null or stage_before <> stage

),

numbered as (

    select
        *,
        row_number() over (
            partition by organization_id, contact_id
            order by entered_at, stage_order nulls last, evidence_id
        ) as move_number,
        lag(stage_order) over (
            partition by organization_id, contact_id
            order by entered_at, stage_order nulls last, evidence_id
        ) as previous_order,
        lead(entered_at) over (
            partition by organization_id, contact_id
            order by entered_at, stage_order nulls last, evidence_id
        ) as left_at,
        row_number() over (
            partition by organization_id, contact_id, stage
            order by entered_at, stage_order nulls last, evidence_id
        ) as entry_number,
        max(stage_order) over (
            partition by organization_id, contact_id
            order by entered_at, stage_order nulls last, evidence_id
            rows between unbounded preceding and 1 preceding
        ) as furthest_before
    from moves

)

select
    organization_id,
    contact_id,
    move_number,
    stage,
    stage_order,
    entered_at,
    left_at,
    entry_number,
    entry_number > 1 as is_reentry,
    coalesce(stage_order < previous_order, false) as is_regression,
    -- A visitor is seen by sessions, not by reports: nobody skips that stage.
    greatest(coalesce(stage_order - greatest(coalesce(furthest_before, 0), 0) - 1, 0), 0) as skipped_count
from numbered

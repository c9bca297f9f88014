-- A returned row is a model whose channels together earn more or less than there are conversions.
{{ config(tags=['after_attribution']) }}
with

performance as (

    select
        organization_id,
        conversion_kind,
        attribution_level,
        model,
        sum(conversion_count) as credited_count
    from {{ ref('channel_performance') }}
    group by organization_id, conversion_kind, attribution_level, model

),

counted as (

    select
        organization_id,
        kind,
        count(*) as conversion_count
    from {{ ref('conversions') }}
    group by organization_id, kind

)

select
    performance.organization_id,
    performance.conversion_kind,
    performance.attribution_level,
    performance.model
from performance
inner join counted
    on
        performance.organization_id = counted.organization_id
        and performance.conversion_kind = counted.kind
where abs(performance.credited_count - counted.conversion_count) > 1e-6 * counted.conversion_count

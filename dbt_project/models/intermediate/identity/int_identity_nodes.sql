-- One row per node of the identity graph, with the moment we first saw it.
{{ config(tags=['before_identity']) }}
with

edges as (

    select * from {{ ref('int_identity_edges') }}

),

sightings as (

    select
        organization_id,
        left_node as node,
        observed_at as seen_at
    from edges
    union all
    select
        organization_id,
        right_node as node,
        observed_at as seen_at
    from edges
    union all
    select
        organization_id,
        'contact:' || contact_id as node,
        known_at as seen_at
    from {{ ref('stg_operational__contacts') }}
    union all
    select
        organization_id,
        visitor_id as node,
        min(started_at) as seen_at
    from {{ ref('int_sessions_aggregated') }}
    where anonymous_id is not null
    group by organization_id, visitor_id

),

nodes_of_edges as (

    select
        organization_id,
        left_node as node
    from edges
    union
    select
        organization_id,
        right_node as node
    from edges

)

select
    nodes_of_edges.organization_id,
    nodes_of_edges.node,
    min(sightings.seen_at) as first_seen_at
from nodes_of_edges
inner join sightings
    on
        nodes_of_edges.organization_id = sightings.organization_id
        and nodes_of_edges.node = sightings.node
group by nodes_of_edges.organization_id, nodes_of_edges.node

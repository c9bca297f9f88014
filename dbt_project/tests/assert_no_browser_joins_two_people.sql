-- A returned row is a person made of several contacts that neither an address, a profile nor a decision joins.
{{ config(tags=['after_identity']) }}
with

people as (

    select
        organization_id,
        person_id,
        count(*) as contact_count
    from {{ ref('int_contacts_resolved') }}
    group by organization_id, person_id
    having count(*) > 1

),

joined as (

    select
        components.organization_id,
        components.person_id
    from {{ ref('int_identity_edges') }} as edges
    inner join {{ source('identity', 'components') }} as components
        on
            edges.organization_id = components.organization_id
            and edges.right_node = components.node
    where edges.strength = 'strong' and edges.verdict = 'same'
    group by components.organization_id, components.person_id
    having count(*) > 1

)

select people.person_id
from people
left join joined
    on
        people.organization_id = joined.organization_id
        and people.person_id = joined.person_id
where joined.person_id is null

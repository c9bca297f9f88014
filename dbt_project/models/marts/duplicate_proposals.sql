-- One row per pair of contacts that may be one person and that nobody has decided about.
select
    pairs.organization_id,
    pairs.left_contact_id,
    pairs.right_contact_id,
    pairs.rule,
    pairs.confidence,
    pairs.observed_at
from {{ ref('int_duplicate_pairs') }} as pairs
inner join {{ ref('int_contacts_resolved') }} as one
    on
        pairs.organization_id = one.organization_id
        and pairs.left_contact_id = one.contact_id
inner join {{ ref('int_contacts_resolved') }} as other
    on
        pairs.organization_id = other.organization_id
        and pairs.right_contact_id = other.contact_id
left join {{ ref('int_identity_decisions_standing') }} as decisions
    on
        pairs.organization_id = decisions.organization_id
        and 'contact:' || pairs.left_contact_id = decisions.left_node
        and 'contact:' || pairs.right_contact_id = decisions.right_node
where
    pairs.confidence < {{ var('identity_merge_confidence') }}
    and one.person_id <> other.person_id
    and decisions.left_node is null

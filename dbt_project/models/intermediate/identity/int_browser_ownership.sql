-- One row per stretch of time in which a browser belonged to one identity, in the order in which we learned of it.
{{ config(tags=['before_identity']) }}
with

identifications as (

    select
        *,
        lag(identity_node) over (
            partition by organization_id, anonymous_id order by known_at, evidence
        ) as previous_node
    from {{ ref('int_identifications') }}

),

stretches as (

    select
        organization_id,
        anonymous_id,
        identity_node,
        contact_id,
        observed_at as from_at,
        known_at,
        row_number() over (
            partition by organization_id, anonymous_id order by known_at, evidence
        ) as stretch_number
    from identifications
    where previous_node is null or previous_node <> identity_node

),

with_next as (

    select
        *,
        lead(from_at) over (
            partition by organization_id, anonymous_id order by stretch_number
        ) as until_at,
        lead(known_at) over (
            partition by organization_id, anonymous_id order by stretch_number
        ) as until_known_at
    from stretches

),

-- Somebody's decision that a browser is a contact's covers all of its time.
decided as (

    select
        decisions.organization_id,
        case
            when decisions.left_node like 'anonymous:%' then substr(decisions.left_node, 11)
            else substr(decisions.right_node, 11)
        end as anonymous_id,
        contacts.current_contact_id as contact_id,
        decisions.decided_at
    from {{ ref('int_identity_decisions_standing') }} as decisions
    inner join {{ ref('stg_operational__contacts') }} as contacts
        on
            decisions.organization_id = contacts.organization_id
            and 'contact:' || contacts.contact_id in (decisions.left_node, decisions.right_node)
    where
        decisions.verdict = 'same'
        and (decisions.left_node like 'anonymous:%' or decisions.right_node like 'anonymous:%')

)

select
    organization_id,
    anonymous_id,
    identity_node,
    contact_id,
    from_at,
    known_at,
    until_at,
    until_known_at,
    -- When another identity was first seen in this browser: from then on, what came before anybody was known stays
    -- nobody's.
    stretch_number = 1 as is_first,
    stretch_number,
    false as is_decided
from with_next
union all
select
    organization_id,
    anonymous_id,
    'contact:' || contact_id as identity_node,
    contact_id,
    decided_at as from_at,
    decided_at as known_at,
    {{ instant('null') }} as until_at,
    {{ instant('null') }} as until_known_at,
    true as is_first,
    1000000 as stretch_number,
    true as is_decided
from decided

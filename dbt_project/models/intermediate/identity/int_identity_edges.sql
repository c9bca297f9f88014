-- One row per pair of nodes and rule that says the two are (or are not) the same person, with its evidence.
{{ config(tags=['before_identity']) }}
with

-- Strong edges join by themselves.
addresses_of_contacts as (

    select
        organization_id,
        'email:' || email_hash as left_node,
        'contact:' || contact_id as right_node,
        'same' as verdict,
        'address_of_contact' as rule,
        'strong' as strength,
        'contact:' || contact_id as evidence,
        1.0 as confidence,
        known_at as observed_at
    from {{ ref('stg_operational__contacts') }}
    where email_hash is not null

),

linkedin_addresses as (

    select
        organization_id,
        'linkedin:' || person_key as left_node,
        'email:' || email_hash as right_node,
        'same' as verdict,
        'linkedin_profile_address' as rule,
        'strong' as strength,
        'linkedin_event:' || linkedin_event_id as evidence,
        0.9 as confidence,
        occurred_at as observed_at
    from {{ ref('stg_linkedin_engagement__events') }}
    where person_key is not null and email_hash is not null

),

-- An id of the customer's own system names one contact.
external_ids as (

    select
        organization_id,
        'external:' || external_id as left_node,
        'contact:' || contact_id as right_node,
        'same' as verdict,
        'external_id_of_contact' as rule,
        'strong' as strength,
        'contact:' || contact_id as evidence,
        1.0 as confidence,
        known_at as observed_at
    from {{ ref('stg_operational__contacts') }}
    where external_id is not null

),

duplicates as (

    select
        organization_id,
        'contact:' || left_contact_id as left_node,
        'contact:' || right_contact_id as right_node,
        'same' as verdict,
        'duplicate_' || rule as rule,
        'strong' as strength,
        'contact:' || right_contact_id as evidence,
        confidence,
        observed_at
    from {{ ref('int_duplicate_pairs') }}
    where confidence >= {{ var('identity_merge_confidence') }}

),

decisions as (

    select
        organization_id,
        left_node,
        right_node,
        verdict,
        'decision_' || rule as rule,
        -- A browser that several people wrote into a form with must not join them.
        case when is_observation then 'weak' else 'strong' end as strength,
        'identity_decision:' || identity_decision_id as evidence,
        confidence,
        decided_at as observed_at
    from {{ ref('int_identity_decisions_standing') }}

),

-- Weak edges join their left node only if all of them lead to one identity.
-- An address that no contact holds now belongs to the contact that messages to it were about.
addresses_of_messages as (

    select
        events.organization_id,
        'email:' || events.email_hash as left_node,
        'contact:' || events.contact_id as right_node,
        'same' as verdict,
        'address_of_message' as rule,
        'weak' as strength,
        'email_event:' || events.email_event_id as evidence,
        0.8 as confidence,
        events.occurred_at as observed_at
    from {{ ref('stg_email_engagement__events') }} as events
    inner join {{ ref('stg_operational__contacts') }} as contacts
        on
            events.organization_id = contacts.organization_id
            and events.contact_id = contacts.contact_id
    left join {{ ref('int_email_owners') }} as owners
        on
            events.organization_id = owners.organization_id
            and events.email_hash = owners.email_hash
    where events.email_hash is not null and owners.email_hash is null

),

browsers as (

    select
        organization_id,
        'anonymous:' || anonymous_id as left_node,
        identity_node as right_node,
        'same' as verdict,
        rule,
        'weak' as strength,
        evidence,
        confidence,
        known_at as observed_at
    from {{ ref('int_identifications') }}

),

observations as (

    select * from addresses_of_contacts
    union all
    select * from linkedin_addresses
    union all
    select * from external_ids
    union all
    select * from duplicates
    union all
    select * from decisions
    union all
    select * from addresses_of_messages
    union all
    select * from browsers

),

numbered as (

    select
        *,
        row_number() over (
            partition by organization_id, left_node, right_node, verdict, rule order by observed_at, evidence
        ) as oldest_first,
        count(*) over (partition by organization_id, left_node, right_node, verdict, rule) as observation_count
    from observations

)

select
    organization_id,
    {{ key_of(['left_node', 'right_node', 'verdict', 'rule']) }} as edge_id,
    left_node,
    right_node,
    verdict,
    rule,
    strength,
    evidence,
    confidence,
    observed_at,
    observation_count
from numbered
where oldest_first = 1

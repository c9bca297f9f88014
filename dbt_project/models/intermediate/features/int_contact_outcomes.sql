-- One row per contact whose outcome is known, or which was given enough time for one.
{{ config(tags=['before_identity', 'pii']) }}
with

contacts as (

    select * from {{ ref('stg_operational__contacts') }}
    where not is_merged

),

-- What the organization marked as the outcome; the oldest definition where there are several.
ranked_definitions as (

    select
        *,
        row_number() over (partition by organization_id order by attribute_definition_id) as oldest_first
    from {{ ref('stg_operational__attribute_definitions') }}
    where role = 'outcome' and attribute_entity = 'contact'

),

definitions as (

    select
        organization_id,
        attribute_key,
        lower(positive_value) as positive_value
    from ranked_definitions
    where oldest_first = 1

),

versions_with_outcome as (

    select
        versions.organization_id,
        versions.contact_id,
        versions.seq,
        versions.changed_at,
        definitions.attribute_key,
        definitions.positive_value,
        lower({{ json_text_at('versions.attributes', 'definitions.attribute_key') }}) as outcome_value,
        row_number() over (
            partition by versions.organization_id, versions.contact_id order by versions.seq
        ) as version_number
    from {{ ref('int_contact_versions') }} as versions
    inner join definitions on versions.organization_id = definitions.organization_id

),

ranked_outcomes as (

    select
        *,
        row_number() over (partition by organization_id, contact_id order by seq) as first_first,
        first_value(outcome_value) over (
            partition by organization_id, contact_id order by seq desc
            rows between unbounded preceding and unbounded following
        ) as newest_value
    from versions_with_outcome
    where outcome_value is not null and outcome_value <> ''

),

of_attributes as (

    select
        outcomes.organization_id,
        outcomes.contact_id,
        contacts.known_at,
        case
            when outcomes.positive_value is not null then outcomes.newest_value = outcomes.positive_value
            else outcomes.newest_value in ('true', 'yes', 'y', '1', 'won')
        end as outcome,
        -- In the first version of a record the outcome came with the lead.
        case when outcomes.version_number = 1 then contacts.known_at else outcomes.changed_at end as outcome_at,
        'attribute:' || outcomes.attribute_key as outcome_source
    from ranked_outcomes as outcomes
    inner join contacts
        on
            outcomes.organization_id = contacts.organization_id
            and outcomes.contact_id = contacts.contact_id
    where outcomes.first_first = 1

),

of_lifecycle as (

    select
        contacts.organization_id,
        contacts.contact_id,
        contacts.known_at,
        customers.contact_id is not null as outcome,
        customers.entered_at as outcome_at,
        'lifecycle:customer' as outcome_source
    from contacts
    left join {{ ref('int_stage_entries') }} as customers
        on
            contacts.organization_id = customers.organization_id
            and contacts.contact_id = customers.contact_id
            and customers.stage = 'customer'
    left join definitions on contacts.organization_id = definitions.organization_id
    where
        definitions.organization_id is null
        -- Decided or not: were the decided ones counted sooner, most of the newest leads would be customers.
        and (
            customers.entered_at <= contacts.known_at
            or {{ plus_days('contacts.known_at', var('training_moment_days') + var('training_observation_days')) }}
            <= {{ as_of_at() }}
        )

)

select * from of_attributes
union all
select * from of_lifecycle

-- One row per pair of contacts that may be one person, with the surest rule that says so.
{{ config(tags=['before_identity', 'pii']) }}
with

contacts as (

    select
        spelled.*,
        -- One key for organization and contact: two joins on organization_id tempt the planner into comparing every
        -- contact of an organization with every other.
        spelled.organization_id || '|' || spelled.contact_id as contact_key,
        coalesce(nicknames.given_name, spelled.first_name) as given_name
    from {{ ref('int_contacts_spelled') }} as spelled
    -- A nickname of several names (Alex) stands for the first of them.
    left join (
        select
            nickname,
            min(given_name) as given_name
        from {{ ref('nicknames') }}
        group by nickname
    ) as nicknames on spelled.first_name = nicknames.nickname

),

-- Only contacts that share one of these are compared.
keys as (

    select
        organization_id,
        contact_id,
        'mailbox:' || mailbox as block_key
    from contacts
    where mailbox is not null
    union all
    select
        organization_id,
        contact_id,
        'phone:' || phone as block_key
    from contacts
    where phone is not null
    union all
    select
        organization_id,
        contact_id,
        'name:' || company_key || ':' || name_key as block_key
    from contacts
    where company_key is not null and name_key is not null
    union all
    select
        organization_id,
        contact_id,
        'surname:' || company_key || ':' || last_name as block_key
    from contacts
    where company_key is not null and last_name is not null
    union all
    select
        organization_id,
        contact_id,
        'local:' || local_part || ':' || name_key as block_key
    from contacts
    where local_part is not null and name_key is not null

),

-- What many share (a switchboard's number, a common surname in a large company) tells nobody apart.
telling_keys as (

    select
        organization_id,
        contact_id,
        block_key,
        count(*) over (partition by organization_id, block_key) as contact_count
    from keys

),

pairs as (

    select distinct
        one.organization_id,
        one.contact_id as left_contact_id,
        other.contact_id as right_contact_id,
        one.organization_id || '|' || one.contact_id as left_contact_key,
        other.organization_id || '|' || other.contact_id as right_contact_key
    from telling_keys as one
    inner join telling_keys as other
        on
            one.organization_id = other.organization_id
            and one.block_key = other.block_key
            and one.contact_id < other.contact_id
    where one.contact_count between 2 and 25

),

compared as (

    select
        pairs.organization_id,
        pairs.left_contact_id,
        pairs.right_contact_id,
        greatest(one.known_at, other.known_at) as observed_at,
        coalesce(one.mailbox = other.mailbox, false) as has_same_mailbox,
        coalesce(one.phone = other.phone, false) as has_same_phone,
        coalesce(one.phone <> other.phone, false) as has_other_phone,
        coalesce(one.name_key = other.name_key, false) as has_same_name,
        coalesce(one.company_key = other.company_key, false) as has_same_company,
        coalesce(one.local_part = other.local_part, false) as has_same_local_part,
        -- acme.com and acme.io, or mail.acme.com
        coalesce(
            one.mail_domain like '%.' || other.mail_domain
            or other.mail_domain like '%.' || one.mail_domain
            or (
                length(split_part(one.mail_domain, '.', 1)) >= 4
                and split_part(one.mail_domain, '.', 1) = split_part(other.mail_domain, '.', 1)
                and one.company_key not like 'company:%' and other.company_key not like 'company:%'
            ), false
        ) as has_similar_domain,
        coalesce(
            one.last_name = other.last_name
            and (
                one.given_name = other.given_name
                or substr(one.first_name, 1, 3) = substr(other.first_name, 1, 3)
                or {{ edit_distance('one.first_name', 'other.first_name') }} <= 1
            ), false
        ) or coalesce(
            one.first_name = other.first_name
            and length(one.last_name) >= 4
            and {{ edit_distance('one.last_name', 'other.last_name') }} <= 1, false
        ) as has_similar_name,
        coalesce(
            one.given_name = other.given_name
            and (
                (length(one.last_name) = 1 and substr(other.last_name, 1, 1) = one.last_name)
                or (length(other.last_name) = 1 and substr(one.last_name, 1, 1) = other.last_name)
            ), false
        ) as has_initial_of_name,
        -- Grace and Gracie, Chen and Chie: a short name of their own making that no list has.
        coalesce(
            one.last_name = other.last_name and substr(one.first_name, 1, 2) = substr(other.first_name, 1, 2), false
        ) as has_same_beginning,
        -- One of the two tells no name at all.
        one.name_key is null or other.name_key is null as is_nameless
    from pairs
    inner join contacts as one on pairs.left_contact_key = one.contact_key
    inner join contacts as other on pairs.right_contact_key = other.contact_key

),

judged as (

    select
        *,
        case
            when has_same_mailbox and (has_same_name or has_similar_name or is_nameless) then 'same_mailbox'
            when has_same_name and has_same_phone then 'same_name_and_phone'
            when has_similar_name and has_same_phone then 'similar_name_and_phone'
            when has_initial_of_name and has_same_phone then 'initial_and_phone'
            when has_same_beginning and has_same_phone and has_same_company then 'same_beginning_phone_and_company'
            when has_same_name and has_same_local_part and has_similar_domain and not has_other_phone
                then 'same_name_and_brand'
            when has_same_name and has_same_company and not has_other_phone then 'same_name_and_company'
            when has_same_mailbox then 'same_mailbox_other_name'
            when has_same_name and has_same_company then 'same_name_and_company_other_phone'
            when has_similar_name and has_same_company and not has_other_phone then 'similar_name_and_company'
            when has_same_name and has_same_local_part then 'same_name_and_local_part'
        end as rule
    from compared

)

select
    organization_id,
    left_contact_id,
    right_contact_id,
    rule,
    -- How often such pairs are one person: orders decisions where they collide; what is below the bar waits for one.
    cast(case rule
        when 'same_mailbox' then 0.99
        when 'same_name_and_phone' then 0.98
        when 'similar_name_and_phone' then 0.96
        when 'initial_and_phone' then 0.95
        when 'same_beginning_phone_and_company' then 0.93
        when 'same_name_and_brand' then 0.93
        when 'same_name_and_company' then 0.9
        when 'same_mailbox_other_name' then 0.7
        when 'same_name_and_company_other_phone' then 0.5
        when 'similar_name_and_company' then 0.5
        else 0.4
    end as double) as confidence,
    observed_at
from judged
where rule is not null

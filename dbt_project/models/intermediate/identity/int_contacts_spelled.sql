-- One row per contact, with its name, telephone, mailbox and company in the one spelling that is compared.
{{ config(tags=['before_identity', 'pii']) }}
with

contacts as (

    select
        contacts.organization_id,
        contacts.contact_id,
        contacts.known_at,
        {{ without(unaccented('contacts.first_name'), '[^\\pL]+') }} as first_name,
        {{ without(unaccented('contacts.last_name'), '[^\\pL]+') }} as last_name,
        {{ without('contacts.phone', '[^0-9]+') }} as phone_digits,
        split_part(split_part(lower(contacts.email), '@', 1), '+', 1) as local_part,
        case split_part(lower(contacts.email), '@', 2)
            when 'googlemail.com' then 'gmail.com'
            else split_part(lower(contacts.email), '@', 2)
        end as mail_domain,
        contacts.company_id,
        companies.domain as company_domain
    from {{ ref('stg_operational__contacts') }} as contacts
    left join {{ ref('stg_operational__companies') }} as companies
        on
            contacts.organization_id = companies.organization_id
            and contacts.company_id = companies.company_id
    where not contacts.is_merged

),

with_domain_type as (

    select
        contacts.*,
        domains.domain_type
    from contacts
    left join {{ ref('email_domains') }} as domains on contacts.mail_domain = domains.domain

)

select
    organization_id,
    contact_id,
    known_at,
    nullif(first_name, '') as first_name,
    nullif(last_name, '') as last_name,
    -- Whichever came first on the form.
    case
        when first_name <> '' and last_name <> ''
            then least(first_name, last_name) || ' ' || greatest(first_name, last_name)
    end as name_key,
    -- The national part; country codes and trunk zeros are written or left out as people like.
    case when length(phone_digits) >= 7 then {{ last_characters('phone_digits', 9) }} end as phone,
    nullif(local_part, '') as local_part,
    -- Gmail does not see dots.
    case
        when mail_domain = 'gmail.com' then replace(local_part, '.', '') || '@gmail.com'
        when mail_domain <> '' then local_part || '@' || mail_domain
    end as mailbox,
    nullif(mail_domain, '') as mail_domain,
    coalesce(
        company_domain, case when domain_type is null then nullif(mail_domain, '') end, 'company:' || company_id
    ) as company_key
from with_domain_type

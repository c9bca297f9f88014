-- One row per contact: where it stands, and the touches of the person behind it.
with

contacts as (

    select * from {{ ref('int_contacts_resolved') }}

),

touches as (

    select
        *,
        row_number() over (
            partition by organization_id, person_id order by touched_at, touchpoint_id
        ) as first_first,
        row_number() over (
            partition by organization_id, person_id order by touched_at desc, touchpoint_id desc
        ) as last_first
    from {{ ref('touchpoints') }} as touchpoints
    -- Nearly all touches are those of visitors whom nobody knows: they are not ranked.
    where exists (
        select 1 from contacts
        where
            contacts.organization_id = touchpoints.organization_id
            and contacts.person_id = touchpoints.person_id
    )

),

touches_of_people as (

    select
        organization_id,
        person_id,
        max(case when first_first = 1 then touched_at end) as first_touch_at,
        max(case when first_first = 1 then channel end) as first_touch_channel,
        max(case when last_first = 1 then touched_at end) as last_touch_at,
        max(case when last_first = 1 then channel end) as last_touch_channel,
        count(case when kind = 'email_reply' then 1 end) as email_reply_count
    from touches
    group by organization_id, person_id

),

visits_of_people as (

    select
        organization_id,
        person_id,
        count(*) as session_count,
        sum(page_view_count) as page_view_count
    from {{ ref('sessions') }}
    where not is_bot
    group by organization_id, person_id

),

forms as (

    select
        organization_id,
        contact_id,
        count(*) as form_submission_count
    from {{ ref('stg_operational__form_submissions') }}
    where status = 'accepted' and contact_id is not null
    group by organization_id, contact_id

),

stages as (

    select
        organization_id,
        contact_id,
        min(case when stage = 'lead' then entered_at end) as became_lead_at,
        min(case when stage = 'customer' then entered_at end) as became_customer_at
    from {{ ref('int_stage_entries') }}
    group by organization_id, contact_id

)

select
    contacts.organization_id,
    contacts.contact_id,
    contacts.person_id,
    contacts.company_id,
    contacts.lifecycle_stage,
    touches_of_people.first_touch_at,
    touches_of_people.first_touch_channel,
    touches_of_people.last_touch_at,
    touches_of_people.last_touch_channel,
    coalesce(visits_of_people.session_count, 0) as session_count,
    cast(coalesce(visits_of_people.page_view_count, 0) as bigint) as page_view_count,
    coalesce(forms.form_submission_count, 0) as form_submission_count,
    coalesce(touches_of_people.email_reply_count, 0) as email_reply_count,
    stages.became_lead_at,
    stages.became_customer_at
from contacts
left join touches_of_people
    on
        contacts.organization_id = touches_of_people.organization_id
        and contacts.person_id = touches_of_people.person_id
left join visits_of_people
    on
        contacts.organization_id = visits_of_people.organization_id
        and contacts.person_id = visits_of_people.person_id
left join forms
    on
        contacts.organization_id = forms.organization_id
        and contacts.contact_id = forms.contact_id
left join stages
    on
        contacts.organization_id = stages.organization_id
        and contacts.contact_id = stages.contact_id

-- One row per contact and moment: its features from nothing but what was known at that moment.
{{ config(tags=['before_identity', 'pii']) }}
with

moments as (

    select
        *,
        {{ plus_days('as_of_at', -7) }} as week_ago_at,
        {{ plus_days('as_of_at', -30) }} as month_ago_at
    from {{ ref('int_feature_moments') }}

),

-- The record as it stood; for history that was entered later, its first version.
versions as (

    select
        moments.organization_id,
        moments.contact_id,
        moments.moment_kind,
        versions.title,
        versions.country,
        versions.source,
        versions.email_domain,
        versions.has_phone,
        versions.company_id,
        versions.attributes,
        versions.changed_at <= moments.as_of_at as is_record_timely,
        moments.as_of_at,
        row_number() over (
            partition by moments.organization_id, moments.contact_id, moments.moment_kind
            order by
                case when versions.changed_at <= moments.as_of_at then 0 else 1 end,
                case when versions.changed_at <= moments.as_of_at then -versions.seq else versions.seq end
        ) as best_first
    from moments
    inner join {{ ref('int_contact_versions') }} as versions
        on
            moments.organization_id = versions.organization_id
            and moments.contact_id = versions.contact_id

),

keys_by_role as (

    select
        organization_id,
        {{ collect("case when role = 'feature' then attribute_key end") }} as feature_keys,
        {{ collect("case when role = 'post_outcome' then attribute_key end") }} as post_outcome_keys
    from {{ ref('stg_operational__attribute_definitions') }}
    where attribute_entity = 'contact'
    group by organization_id

),

records as (

    select
        versions.*,
        {{ json_only_keys('versions.attributes', 'keys_by_role.feature_keys') }} as feature_attributes,
        {{ json_only_keys('versions.attributes', 'keys_by_role.post_outcome_keys') }} as post_outcome_attributes,
        case
            when versions.email_domain is null or versions.email_domain = '' then 'none'
            else coalesce(domains.domain_type, 'corporate')
        end as email_domain_type
    from versions
    left join keys_by_role on versions.organization_id = keys_by_role.organization_id
    left join {{ ref('email_domains') }} as domains on versions.email_domain = domains.domain
    where versions.best_first = 1

),

-- The company's record as it stood, by the same rule.
companies_by_version as (

    select
        records.organization_id,
        records.contact_id,
        records.moment_kind,
        versions.industry,
        versions.employee_count,
        row_number() over (
            partition by records.organization_id, records.contact_id, records.moment_kind
            order by
                case when versions.changed_at <= records.as_of_at then 0 else 1 end,
                case when versions.changed_at <= records.as_of_at then -versions.seq else versions.seq end
        ) as best_first
    from records
    inner join {{ ref('int_company_versions') }} as versions
        on
            records.organization_id = versions.organization_id
            and records.company_id = versions.company_id

),

-- The place of a row in its file: ids of one import sort in the order in which they were made.
import_places as (

    select
        organization_id,
        contact_id,
        row_number() over (partition by organization_id, import_id order by contact_id) as import_row_number
    from {{ ref('stg_operational__contacts') }}
    where import_id is not null

),

-- One key for browser and organization: joining on organization_id a second time tempts the planner into moments times
-- events.
browsers as (

    select
        *,
        organization_id || '|' || anonymous_id as browser_key
    from {{ ref('int_browser_ownership') }}

),

events as (

    select
        *,
        organization_id || '|' || anonymous_id as browser_key
    from {{ ref('int_events_timed') }}
    where anonymous_id is not null and not is_bot

),

-- Events of a browser that were known, and known to be this contact's, at the moment.
visits as (

    select
        moments.organization_id,
        moments.contact_id,
        moments.moment_kind,
        moments.known_at,
        moments.week_ago_at,
        moments.month_ago_at,
        events.visitor_id,
        events.event_id,
        events.event_at,
        events.event_type,
        events.page_path,
        events.engaged_seconds,
        events.has_origin,
        lag(events.event_at) over (
            partition by
                moments.organization_id, moments.contact_id, moments.moment_kind, events.visitor_id
            order by events.event_at, events.event_id
        ) as previous_at,
        row_number() over (
            partition by moments.organization_id, moments.contact_id, moments.moment_kind
            order by events.event_at, events.event_id
        ) as first_first
    from moments
    inner join browsers as ownership
        on
            moments.organization_id = ownership.organization_id
            and moments.contact_id = ownership.contact_id
            and ownership.known_at <= moments.as_of_at
    inner join events
        on
            ownership.browser_key = events.browser_key
            and events.received_at <= moments.as_of_at
            and (
                ownership.is_decided
                or (
                    events.event_at >= ownership.from_at
                    and (
                        ownership.until_at is null
                        or ownership.until_known_at > moments.as_of_at
                        or events.event_at < ownership.until_at
                    )
                )
                or (
                    events.event_at < ownership.from_at
                    and ownership.is_first
                    and (ownership.until_known_at is null or ownership.until_known_at > moments.as_of_at)
                )
            )

),

visit_counts as (

    select
        organization_id,
        contact_id,
        moment_kind,
        max(event_at) as last_visit_at,
        count(case
            when
                event_at > week_ago_at
                and (previous_at is null or {{ seconds_between('previous_at', 'event_at') }} > 1800) then 1
        end) as sessions_7d,
        count(case
            when
                event_at > month_ago_at
                and (previous_at is null or {{ seconds_between('previous_at', 'event_at') }} > 1800) then 1
        end) as sessions_30d,
        count(case when event_type = 'page_view' and event_at > week_ago_at then 1 end) as page_views_7d,
        count(case when event_type = 'page_view' and event_at > month_ago_at then 1 end) as page_views_30d,
        cast(round(coalesce(
            {{ exact_sum('case when event_at > month_ago_at then engaged_seconds end') }}, 0.0
        )) as bigint) as engaged_seconds_30d,
        count(case
            when
                event_type = 'page_view' and event_at > month_ago_at
                and {{ is_pricing_page('page_path') }} then 1
        end) as pricing_views_30d,
        count(case when event_type = 'file_download' and event_at > month_ago_at then 1 end) as downloads_30d,
        count(case
            when
                event_at <= known_at
                and (previous_at is null or {{ seconds_between('previous_at', 'event_at') }} > 1800) then 1
        end) as sessions_before_known,
        count(case when event_type = 'page_view' and event_at <= known_at then 1 end) as page_views_before_known,
        count(case
            when
                event_type = 'page_view' and event_at <= known_at
                and {{ is_pricing_page('page_path') }} then 1
        end) as pricing_views_before_known,
        max(case when first_first = 1 then event_at end) as first_visit_at,
        max(case when first_first = 1 then case when has_origin then event_id else '' end end) as first_event_id
    from visits
    group by organization_id, contact_id, moment_kind

),

form_counts as (

    select
        moments.organization_id,
        moments.contact_id,
        moments.moment_kind,
        count(*) as form_submissions_30d
    from moments
    inner join {{ ref('stg_operational__form_submissions') }} as submissions
        on
            moments.organization_id = submissions.organization_id
            and moments.contact_id = submissions.contact_id
            and submissions.submitted_at <= moments.as_of_at
            and submissions.submitted_at > moments.month_ago_at
            and submissions.status = 'accepted'
    group by moments.organization_id, moments.contact_id, moments.moment_kind

),

email_counts as (

    select
        moments.organization_id,
        moments.contact_id,
        moments.moment_kind,
        count(case when events.event_type = 'sent' and events.occurred_at > moments.month_ago_at then 1 end)
            as emails_sent_30d,
        count(case
            when
                events.event_type = 'clicked' and not events.is_machine and events.occurred_at > moments.month_ago_at
                then 1
        end) as human_clicks_30d,
        count(case
            when
                events.event_type = 'replied' and not events.is_machine and events.occurred_at > moments.month_ago_at
                then 1
        end) as replies_30d,
        min(case when events.event_type in ('clicked', 'replied') and not events.is_machine then events.occurred_at end)
            as first_touch_at
    from moments
    inner join {{ ref('int_email_events_resolved') }} as events
        on
            moments.organization_id = events.organization_id
            and moments.contact_id = events.contact_id
            and events.known_at <= moments.as_of_at
    group by moments.organization_id, moments.contact_id, moments.moment_kind

),

linkedin_counts as (

    select
        moments.organization_id,
        moments.contact_id,
        moments.moment_kind,
        count(case when events.occurred_at > moments.month_ago_at then 1 end) as linkedin_events_30d,
        min(case
            when events.event_type in ('connected', 'invitation_received', 'message_received', 'lead_form_response')
                then events.occurred_at
        end) as first_touch_at
    from moments
    inner join {{ ref('int_linkedin_events_resolved') }} as events
        on
            moments.organization_id = events.organization_id
            and moments.contact_id = events.contact_id
            and events.occurred_at <= moments.as_of_at
    group by moments.organization_id, moments.contact_id, moments.moment_kind

)

select
    moments.organization_id,
    moments.contact_id,
    moments.moment_kind,
    moments.as_of_at,
    moments.known_at,
    records.feature_attributes as attributes,
    records.post_outcome_attributes,
    records.is_record_timely,
    nullif(records.source, '') as source,
    records.country,
    records.email_domain_type,
    records.has_phone,
    records.company_id is not null as has_company,
    companies_by_version.industry as company_industry,
    companies_by_version.employee_count as company_employee_count,
    records.title is not null as has_title,
    records.title,
    case
        when
            email_counts.first_touch_at is not null
            and email_counts.first_touch_at
            < coalesce(
                least(visit_counts.first_visit_at, linkedin_counts.first_touch_at), visit_counts.first_visit_at,
                linkedin_counts.first_touch_at, moments.as_of_at
            ) then 'Outbound Email'
        when
            linkedin_counts.first_touch_at is not null
            and linkedin_counts.first_touch_at < coalesce(visit_counts.first_visit_at, moments.as_of_at) then 'LinkedIn'
        when visit_counts.first_visit_at is not null then coalesce(arrivals.channel, 'Direct')
    end as first_touch_channel,
    coalesce(visit_counts.sessions_7d, 0) as sessions_7d,
    coalesce(visit_counts.sessions_30d, 0) as sessions_30d,
    coalesce(visit_counts.page_views_7d, 0) as page_views_7d,
    coalesce(visit_counts.page_views_30d, 0) as page_views_30d,
    coalesce(visit_counts.engaged_seconds_30d, 0) as engaged_seconds_30d,
    coalesce(visit_counts.pricing_views_30d, 0) as pricing_views_30d,
    coalesce(visit_counts.downloads_30d, 0) as downloads_30d,
    coalesce(visit_counts.sessions_before_known, 0) as sessions_before_known,
    coalesce(visit_counts.page_views_before_known, 0) as page_views_before_known,
    coalesce(visit_counts.pricing_views_before_known, 0) as pricing_views_before_known,
    coalesce(form_counts.form_submissions_30d, 0) as form_submissions_30d,
    {{ seconds_between('visit_counts.last_visit_at', 'moments.as_of_at') }} / 86400.0 as days_since_last_visit,
    greatest({{ seconds_between('moments.known_at', 'moments.as_of_at') }} / 86400.0, 0.0) as days_since_known,
    coalesce(email_counts.emails_sent_30d, 0) as emails_sent_30d,
    coalesce(email_counts.human_clicks_30d, 0) as human_clicks_30d,
    coalesce(email_counts.replies_30d, 0) as replies_30d,
    coalesce(linkedin_counts.linkedin_events_30d, 0) as linkedin_events_30d,
    import_places.import_row_number
from moments
inner join records
    on
        moments.organization_id = records.organization_id
        and moments.contact_id = records.contact_id
        and moments.moment_kind = records.moment_kind
left join companies_by_version
    on
        moments.organization_id = companies_by_version.organization_id
        and moments.contact_id = companies_by_version.contact_id
        and moments.moment_kind = companies_by_version.moment_kind
        and companies_by_version.best_first = 1
left join visit_counts
    on
        moments.organization_id = visit_counts.organization_id
        and moments.contact_id = visit_counts.contact_id
        and moments.moment_kind = visit_counts.moment_kind
left join {{ ref('int_arrivals_classified') }} as arrivals
    on
        visit_counts.organization_id = arrivals.organization_id
        and visit_counts.first_event_id = arrivals.event_id
left join form_counts
    on
        moments.organization_id = form_counts.organization_id
        and moments.contact_id = form_counts.contact_id
        and moments.moment_kind = form_counts.moment_kind
left join email_counts
    on
        moments.organization_id = email_counts.organization_id
        and moments.contact_id = email_counts.contact_id
        and moments.moment_kind = email_counts.moment_kind
left join linkedin_counts
    on
        moments.organization_id = linkedin_counts.organization_id
        and moments.contact_id = linkedin_counts.contact_id
        and moments.moment_kind = linkedin_counts.moment_kind
left join import_places
    on
        moments.organization_id = import_places.organization_id
        and moments.contact_id = import_places.contact_id

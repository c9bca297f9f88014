-- One row per contact with a known outcome: its features as of a moment before that outcome, and the outcome.
select
    features.organization_id,
    features.contact_id,
    features.as_of_at,
    features.known_at,
    features.attributes,
    features.post_outcome_attributes,
    features.source,
    features.country,
    features.email_domain_type,
    features.has_phone,
    features.has_company,
    features.company_industry,
    features.company_employee_count,
    features.has_title,
    features.title,
    features.first_touch_channel,
    features.sessions_7d,
    features.sessions_30d,
    features.page_views_7d,
    features.page_views_30d,
    features.engaged_seconds_30d,
    features.pricing_views_30d,
    features.downloads_30d,
    features.sessions_before_known,
    features.page_views_before_known,
    features.pricing_views_before_known,
    features.form_submissions_30d,
    features.days_since_last_visit,
    features.days_since_known,
    features.emails_sent_30d,
    features.human_clicks_30d,
    features.replies_30d,
    features.linkedin_events_30d,
    features.import_row_number,
    outcomes.outcome,
    outcomes.outcome_at,
    outcomes.outcome_source,
    features.is_record_timely
    and (outcomes.outcome_at is null or outcomes.outcome_at > features.as_of_at) as is_known_in_time
from {{ ref('int_contact_features_at_moments') }} as features
inner join {{ ref('int_contact_outcomes') }} as outcomes
    on
        features.organization_id = outcomes.organization_id
        and features.contact_id = outcomes.contact_id
where features.moment_kind = 'training'

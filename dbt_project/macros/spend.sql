{# Two lines of spend (int_spend_by_channel) speak of the same day, channel and campaign from two places, and no source says
   otherwise; `newer` was stated last. What was entered by hand comes before any file. #}
{% macro is_stated_again(older, newer) -%}
{{ older }}.organization_id = {{ newer }}.organization_id
    and {{ older }}.spend_on = {{ newer }}.spend_on
    and {{ older }}.channel = {{ newer }}.channel
    and {{ older }}.campaign_key = {{ newer }}.campaign_key
    and {{ older }}.batch_id <> {{ newer }}.batch_id
    and coalesce({{ older }}.source, {{ newer }}.source, '') = coalesce({{ newer }}.source, {{ older }}.source, '')
    and (
        {{ newer }}.stated_at > {{ older }}.stated_at
        or ({{ older }}.stated_at is null and {{ newer }}.stated_at is not null)
        or ({{ newer }}.stated_at = {{ older }}.stated_at and {{ newer }}.amount_id > {{ older }}.amount_id)
    )
{%- endmacro %}

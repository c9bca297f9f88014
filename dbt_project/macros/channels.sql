{# GA4's default channel group of manual traffic, rule by rule in the vendor's order, and one of our own (AI Assistant).
   Arguments are lower-case expressions; category is that of the source: search, social, video, shopping, ai_assistant. #}
{% macro default_channel_group(source, medium, campaign, category) -%}
{%- set is_paid = matches(medium, '^(.*cp.*|ppc|retargeting|paid.*)$') -%}
{%- set sells = matches(campaign, '^(.*(([^a-df-z]|^)shop|shopping).*)$') -%}
case
    -- Direct: source exactly matches (direct) and medium is one of (not set), (none)
    when coalesce({{ source }}, '(direct)') = '(direct)' and coalesce({{ medium }}, '(none)') in ('(not set)', '(none)') then 'Direct'
    -- Cross-network: campaign name contains cross-network
    when {{ campaign }} like '%cross-network%' then 'Cross-network'
    -- Paid Shopping: (source is a shopping site or campaign name matches the shop pattern) and medium is paid
    when ({{ category }} = 'shopping' or {{ sells }}) and {{ is_paid }} then 'Paid Shopping'
    -- Paid Search: source is a search site and medium is paid
    when {{ category }} = 'search' and {{ is_paid }} then 'Paid Search'
    -- Paid Social: source is a social site and medium is paid
    when {{ category }} = 'social' and {{ is_paid }} then 'Paid Social'
    -- Paid Video: source is a video site and medium is paid
    when {{ category }} = 'video' and {{ is_paid }} then 'Paid Video'
    -- Display: medium is one of display, banner, expandable, interstitial, cpm
    when {{ medium }} in ('display', 'banner', 'expandable', 'interstitial', 'cpm') then 'Display'
    -- Paid Other: medium is paid
    when {{ is_paid }} then 'Paid Other'
    -- Organic Shopping: source is a shopping site or campaign name matches the shop pattern
    when {{ category }} = 'shopping' or {{ sells }} then 'Organic Shopping'
    -- Organic Social: source is a social site or medium is one of the social words
    when {{ category }} = 'social'
        or {{ medium }} in ('social', 'social-network', 'social-media', 'sm', 'social network', 'social media') then 'Organic Social'
    -- Organic Video: source is a video site or medium contains video
    when {{ category }} = 'video' or {{ medium }} like '%video%' then 'Organic Video'
    -- AI Assistant (ours): source is an assistant's site or medium says so
    when {{ category }} = 'ai_assistant' or {{ medium }} in ('ai', 'ai-assistant', 'ai_assistant', 'llm') then 'AI Assistant'
    -- Organic Search: source is a search site or medium exactly matches organic
    when {{ category }} = 'search' or {{ medium }} = 'organic' then 'Organic Search'
    -- Email: source or medium is one of email, e-mail, e_mail, e mail
    when {{ source }} in ('email', 'e-mail', 'e_mail', 'e mail')
        or {{ medium }} in ('email', 'e-mail', 'e_mail', 'e mail') then 'Email'
    -- Affiliates: medium is affiliate
    when {{ medium }} in ('affiliate', 'affiliates') then 'Affiliates'
    -- Referral: medium is one of referral, app, link
    when {{ medium }} in ('referral', 'app', 'link') then 'Referral'
    -- Audio: medium exactly matches audio
    when {{ medium }} = 'audio' then 'Audio'
    -- SMS: source or medium exactly matches sms
    when {{ source }} = 'sms' or {{ medium }} = 'sms' then 'SMS'
    -- Mobile Push Notifications: medium ends with push, or contains mobile or notification, or source is firebase
    when {{ medium }} like '%push' or {{ medium }} like '%mobile%' or {{ medium }} like '%notification%'
        or {{ source }} = 'firebase' then 'Mobile Push Notifications'
    -- Unassigned: no other rule matches
    else 'Unassigned'
end
{%- endmacro %}

{# Whether a referring host is the site itself, or above or below it. #}
{% macro is_same_site(referrer_host, site_host) -%}
coalesce(
    {{ referrer_host }} = {{ site_host }}
    or {{ referrer_host }} like '%.' || {{ site_host }}
    or {{ site_host }} like '%.' || {{ referrer_host }}, false
)
{%- endmacro %}

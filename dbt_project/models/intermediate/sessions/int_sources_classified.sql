-- One row per distinct traffic source of an event (a referring host or a utm source) and what kind of site it is.
{{ config(tags=['before_identity']) }}
with

found as (

    select referrer_host as source_text from {{ ref('int_events_timed') }}
    where referrer_host is not null
    union
    select utm_source as source_text from {{ ref('int_events_timed') }}
    where utm_source is not null
    union
    select lower(trim(source)) as source_text from {{ ref('stg_ad_spend__spend') }}
    where source is not null
    union
    select lower(trim(source)) as source_text from {{ ref('stg_operational__spend') }}
    where source is not null
    union
    select lower(trim({{ json_text('utm', 'source') }})) as source_text
    from {{ ref('stg_operational__form_submissions') }}
    where {{ json_text('utm', 'source') }} is not null

),

-- For l.facebook.com: facebook.com is a parent. For images.google.co.uk: images.google is a stem.
taken_apart as (

    select
        source_text,
        case when source_text like 'www.%' then substr(source_text, 5) else source_text end as host,
        regexp_replace(source_text, '^[^.]+[.]', '') as parent_1,
        regexp_replace(source_text, '^[^.]+[.][^.]+[.]', '') as parent_2,
        regexp_replace(source_text, '^[^.]+[.][^.]+[.][^.]+[.]', '') as parent_3,
        regexp_replace(source_text, '[.][^.]+$', '') as stem_1,
        regexp_replace(source_text, '[.][^.]+[.][^.]+$', '') as stem_2
    from found
    where source_text <> ''

),

spellings as (

    select
        source_text,
        host as spelling,
        'host' as match_kind,
        1 as closeness
    from taken_apart
    union all
    select
        source_text,
        host as spelling,
        'parent' as match_kind,
        2 as closeness
    from taken_apart
    union all
    select
        source_text,
        host as spelling,
        'name' as match_kind,
        3 as closeness
    from taken_apart
    union all
    select
        source_text,
        parent_1 as spelling,
        'parent' as match_kind,
        4 as closeness
    from taken_apart
    union all
    select
        source_text,
        parent_2 as spelling,
        'parent' as match_kind,
        5 as closeness
    from taken_apart
    union all
    select
        source_text,
        parent_3 as spelling,
        'parent' as match_kind,
        6 as closeness
    from taken_apart
    union all
    select
        source_text,
        stem_1 as spelling,
        'any_tld' as match_kind,
        7 as closeness
    from taken_apart
    union all
    select
        source_text,
        stem_2 as spelling,
        'any_tld' as match_kind,
        8 as closeness
    from taken_apart

),

matched as (

    select
        spellings.source_text,
        rules.category,
        rules.source_name,
        row_number() over (
            partition by spellings.source_text order by spellings.closeness, rules.pattern
        ) as closest_first
    from spellings
    inner join {{ ref('source_categories') }} as rules
        on
            spellings.match_kind = rules.match_kind
            and spellings.spelling = rules.pattern

),

spam as (

    select distinct spellings.source_text
    from spellings
    inner join {{ ref('referrer_spam') }} as spammers
        on spellings.spelling = spammers.host
    where spellings.match_kind in ('host', 'parent')

)

select
    taken_apart.source_text,
    matched.category,
    matched.source_name,
    spam.source_text is not null as is_spam
from taken_apart
left join matched
    on
        taken_apart.source_text = matched.source_text
        and matched.closest_first = 1
left join spam on taken_apart.source_text = spam.source_text

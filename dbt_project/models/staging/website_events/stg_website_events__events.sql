-- One row per accepted website event, as landed.
with

source as (

    select
        *,
        {{ written_in() }} as _written_in
    from {{ source('website_events', 'events') }}

),

renamed as (

    select
        organization_id,
        event_id,
        seq,
        type as event_type,
        name as event_name,
        anonymous_id,
        session_hint,
        contact_id,
        email_hash,
        consent as consent_level,
        page_url,
        page_host,
        page_path,
        page_title,
        referrer,
        utm_source,
        utm_medium,
        utm_campaign,
        utm_term,
        utm_content,
        gclid,
        fbclid,
        msclkid,
        li_fat_id,
        ttclid,
        language,
        time_zone,
        user_agent,
        browser,
        os,
        device_type,
        ip_network,
        network_type,
        network_owner,
        network_company_domain,
        network_company_name,
        network_confidence,
        country,
        properties,
        bot_reasons,
        is_bot,
        is_gpc,
        is_dnt,
        occurred_at,
        sent_at,
        received_at,
        _loaded_at,
        _written_in
    from source

)

select * from renamed

-- One row per session, with the person and contact it belongs to by what we know now.
{{ config(tags=['after_identity']) }}
with

sessions as (

    select * from {{ ref('int_sessions_judged') }}

),

claims as (

    select
        sessions.organization_id,
        sessions.session_id,
        ownership.identity_node,
        ownership.contact_id,
        row_number() over (
            partition by sessions.organization_id, sessions.session_id
            order by ownership.stretch_number desc, ownership.identity_node asc
        ) as newest_first
    from sessions
    inner join {{ ref('int_browser_ownership') }} as ownership
        on
            sessions.organization_id = ownership.organization_id
            and sessions.anonymous_id = ownership.anonymous_id
            and (
                ownership.is_decided
                -- from an identification until somebody else's
                or (
                    sessions.ended_at >= ownership.from_at
                    and (ownership.until_at is null or sessions.started_at < ownership.until_at)
                )
                -- before it, only where nobody else was ever seen here
                or (
                    sessions.ended_at < ownership.from_at
                    and ownership.is_first
                    and ownership.until_at is null
                )
            )

),

owners as (

    select
        organization_id,
        session_id,
        identity_node,
        contact_id
    from claims
    where newest_first = 1

),

with_owner as (

    select
        sessions.*,
        coalesce(
            owners.contact_id,
            case when sessions.visitor_id like 'contact:%' then substr(sessions.visitor_id, 9) end
        ) as contact_id,
        coalesce(owners.identity_node, sessions.visitor_id) as owner_node
    from sessions
    left join owners
        on
            sessions.organization_id = owners.organization_id
            and sessions.session_id = owners.session_id

)

select
    with_owner.*,
    coalesce(components.person_id, with_owner.owner_node) as person_id
from with_owner
left join {{ source('identity', 'components') }} as components
    on
        with_owner.organization_id = components.organization_id
        and with_owner.owner_node = components.node

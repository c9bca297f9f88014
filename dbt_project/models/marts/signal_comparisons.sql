-- One row per moment a company's signal was known and company looked at then: the one with it, and others without.
--
-- Risk-set matching (Li, Propert and Rosenbaum, JASA 96, 2001): others are chosen by what was so at that moment, never
-- by what came later, also not by a signal that came later.
with

signals as (

    select * from {{ ref('signals') }}

),

milestones as (

    select * from {{ ref('int_company_milestones') }}

),

-- An organization with thousands of companies is drawn from: each moment sees about two thousand of them.
sizes as (

    select
        organization_id,
        case when count(*) <= 2000 then 0 when count(*) <= 32000 then 1 else 2 end as digits
    from milestones
    group by organization_id

),

companies as (

    select
        milestones.*,
        substr(md5(milestones.company_id), 1, sizes.digits) as part
    from milestones
    inner join sizes on milestones.organization_id = sizes.organization_id

),

-- What was told long after it happened may have been looked for because of what came of it.
moments as (

    select
        signals.organization_id,
        signals.buying_signal_id,
        signals.kind,
        signals.company_id,
        signals.known_at as moment_at,
        substr(md5(signals.buying_signal_id), 1, sizes.digits) as part
    from signals
    inner join sizes on signals.organization_id = sizes.organization_id
    where
        signals.is_first_of_run
        and signals.known_at < {{ as_of_at() }}
        and signals.known_at <= {{ plus_days('signals.observed_at', var('signal_late_days')) }}

),

looked_at as (

    select
        moments.organization_id,
        moments.buying_signal_id,
        moments.kind,
        moments.moment_at,
        companies.company_id,
        moments.company_id = companies.company_id as has_signal,
        case
            when companies.customer_at <= moments.moment_at then 'customer'
            when companies.opportunity_at <= moments.moment_at then 'opportunity'
            when companies.sql_at <= moments.moment_at then 'sql'
            when companies.mql_at <= moments.moment_at then 'mql'
            when companies.lead_at <= moments.moment_at then 'lead'
            else 'none'
        end as standing,
        coalesce(companies.meeting_at <= moments.moment_at, false) as has_met,
        coalesce({{ plus_days('companies.known_at', 90) }} <= moments.moment_at, true) as is_known_long,
        companies.meeting_at,
        companies.opportunity_at,
        companies.customer_at
    from moments
    inner join companies
        on
            moments.organization_id = companies.organization_id
            and (moments.part = companies.part or moments.company_id = companies.company_id)
    where coalesce(companies.known_at <= moments.moment_at, true)

),

with_signal as (

    select * from looked_at
    where has_signal

),

alike as (

    select
        others.*,
        row_number() over (
            partition by others.organization_id, others.buying_signal_id
            order by md5(others.buying_signal_id || others.company_id), others.company_id
        ) as place
    from looked_at as others
    inner join with_signal
        on
            others.organization_id = with_signal.organization_id
            and others.buying_signal_id = with_signal.buying_signal_id
            and others.standing = with_signal.standing
            and others.has_met = with_signal.has_met
            and others.is_known_long = with_signal.is_known_long
    -- the same kind of signal there, in the quiet days before the moment
    left join signals as theirs
        on
            others.organization_id = theirs.organization_id
            and others.company_id = theirs.company_id
            and others.kind = theirs.kind
            and theirs.known_at <= others.moment_at
            and {{ plus_days('theirs.known_at', var('signal_quiet_days')) }} > others.moment_at
    where not others.has_signal and theirs.buying_signal_id is null

),

chosen as (

    select
        *,
        count(*) over (partition by organization_id, buying_signal_id) as other_count
    from alike
    where place <= {{ var('signal_others') }}

),

unioned as (

    select
        with_signal.organization_id,
        with_signal.buying_signal_id,
        with_signal.kind,
        with_signal.moment_at,
        with_signal.company_id,
        with_signal.has_signal,
        with_signal.standing,
        with_signal.has_met,
        coalesce(counts.other_count, 0) as other_count,
        with_signal.meeting_at,
        with_signal.opportunity_at,
        with_signal.customer_at
    from with_signal
    left join chosen as counts
        on
            with_signal.organization_id = counts.organization_id
            and with_signal.buying_signal_id = counts.buying_signal_id
            and counts.place = 1
    union all
    select
        organization_id,
        buying_signal_id,
        kind,
        moment_at,
        company_id,
        has_signal,
        standing,
        has_met,
        other_count,
        meeting_at,
        opportunity_at,
        customer_at
    from chosen

)

select
    organization_id,
    {{ key_of(['buying_signal_id', 'company_id']) }} as signal_comparison_id,
    buying_signal_id,
    kind,
    moment_at,
    company_id,
    has_signal,
    standing,
    has_met,
    other_count,
    meeting_at,
    opportunity_at,
    customer_at,
    {{ as_of_at() }} as looked_until_at
from unioned

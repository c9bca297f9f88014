-- One row per signal of a company, with when it could have been known and whether a run of its kind begins with it.
with

signals as (

    select * from {{ ref('stg_operational__buying_signals') }}

),

companies as (

    select * from {{ ref('stg_operational__companies') }}

),

dated as (

    select
        signals.organization_id,
        signals.buying_signal_id,
        signals.kind,
        signals.source,
        signals.contact_id,
        companies.current_company_id as company_id,
        signals.strength,
        signals.half_life_days,
        signals.observed_at,
        greatest(signals.observed_at, signals.recorded_at) as known_at
    from signals
    inner join companies
        on
            signals.organization_id = companies.organization_id
            and signals.company_id = companies.company_id

),

with_former as (

    select
        *,
        lag(known_at) over (
            partition by organization_id, company_id, kind order by known_at, buying_signal_id
        ) as former_known_at
    from dated

)

select
    organization_id,
    buying_signal_id,
    kind,
    source,
    contact_id,
    company_id,
    strength,
    half_life_days,
    observed_at,
    known_at,
    coalesce(known_at >= {{ plus_days('former_known_at', var('signal_quiet_days')) }}, true) as is_first_of_run
from with_former

-- One row per month, channel, campaign and attribution rule: what was spent, and what that month's conversions brought.
with

organizations as (

    select * from {{ ref('int_organizations_with_rules') }}

),

conversions as (

    select
        conversions.*,
        cast(date_trunc('month', {{ local_day('conversions.converted_at', 'organizations.time_zone') }}) as date)
            as month_on,
        case
            when conversions.kind = 'customer' then coalesce(revenue.revenue_minor, conversions.value_minor)
        end as revenue_minor
    from {{ ref('conversions') }} as conversions
    inner join organizations on conversions.organization_id = organizations.organization_id
    left join {{ ref('int_revenue_by_contact') }} as revenue
        on
            conversions.organization_id = revenue.organization_id
            and conversions.contact_id = revenue.contact_id

),

credits as (

    select
        conversions.organization_id,
        conversions.month_on,
        credits.channel,
        coalesce(credits.campaign, '') as campaign,
        credits.model,
        -- Thirds are cut off at the end of a decimal: rounded, three of them are one again.
        {% for kind in ['lead', 'mql', 'sql', 'opportunity', 'customer'] -%}
        round({{ sum_of_credits("case when conversions.kind = '" ~ kind ~ "' then credits.credit else 0.0 end") }}, 9)
            as {{ kind }}_count,
        {% endfor -%}
        round({{ sum_of_credited_money(
            "case when conversions.kind = 'customer' then credits.credit * conversions.value_minor end"
        ) }}, 4) as won_value_minor,
        round({{ sum_of_credited_money('credits.credit * conversions.revenue_minor') }}, 4) as revenue_minor
    from {{ ref('attribution_credits') }} as credits
    inner join conversions
        on
            credits.organization_id = conversions.organization_id
            and credits.conversion_id = conversions.conversion_id
    where credits.attribution_level = 'person'
    group by 1, 2, 3, 4, 5

),

costs as (

    select
        organization_id,
        cast(date_trunc('month', spend_on) as date) as month_on,
        channel,
        coalesce(campaign, '') as campaign,
        sum(cost_minor) as cost_minor
    from {{ ref('int_spend_by_channel') }}
    group by 1, 2, 3, 4

),

rules as (

    {% for rule in attribution_rules() -%}
    select '{{ rule }}' as model
    {{ "union all" if not loop.last }}
    {% endfor %}
),

grid as (

    select
        organization_id,
        month_on,
        channel,
        campaign,
        model
    from credits
    union
    select
        costs.organization_id,
        costs.month_on,
        costs.channel,
        costs.campaign,
        rules.model
    from costs
    cross join rules

)

select
    grid.organization_id,
    grid.month_on,
    grid.channel,
    grid.campaign,
    grid.model,
    organizations.currency,
    cast(costs.cost_minor as bigint) as cost_minor,
    coalesce(credits.lead_count, 0.0) as lead_count,
    coalesce(credits.mql_count, 0.0) as mql_count,
    coalesce(credits.sql_count, 0.0) as sql_count,
    coalesce(credits.opportunity_count, 0.0) as opportunity_count,
    coalesce(credits.customer_count, 0.0) as customer_count,
    coalesce(credits.won_value_minor, 0.0) as won_value_minor,
    coalesce(credits.revenue_minor, 0.0) as revenue_minor,
    case when credits.lead_count > 0 then costs.cost_minor / credits.lead_count end as cost_per_lead_minor,
    case when credits.mql_count > 0 then costs.cost_minor / credits.mql_count end as cost_per_mql_minor,
    case when credits.opportunity_count > 0 then costs.cost_minor / credits.opportunity_count end
        as cost_per_opportunity_minor,
    case when credits.customer_count > 0 then costs.cost_minor / credits.customer_count end as cac_minor,
    case
        when costs.cost_minor > 0
            then (coalesce(credits.revenue_minor, 0.0) - costs.cost_minor) / costs.cost_minor
    end as roi_rate,
    case when costs.cost_minor > 0 then coalesce(credits.revenue_minor, 0.0) / costs.cost_minor end as roas_rate
from grid
inner join organizations on grid.organization_id = organizations.organization_id
left join credits
    on
        grid.organization_id = credits.organization_id
        and grid.month_on = credits.month_on
        and grid.channel = credits.channel
        and grid.campaign = credits.campaign
        and grid.model = credits.model
left join costs
    on
        grid.organization_id = costs.organization_id
        and grid.month_on = costs.month_on
        and grid.channel = costs.channel
        and grid.campaign = costs.campaign

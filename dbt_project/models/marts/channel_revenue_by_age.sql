-- One row per month in which customers were won, channel, campaign, attribution rule and age: what they paid then.
with

organizations as (

    select * from {{ ref('int_organizations_with_rules') }}

),

customers as (

    select
        conversions.organization_id,
        conversions.conversion_id,
        conversions.contact_id,
        conversions.value_minor,
        cast(date_trunc('month', {{ local_day('conversions.converted_at', 'organizations.time_zone') }}) as date)
            as won_month_on
    from {{ ref('conversions') }} as conversions
    inner join organizations on conversions.organization_id = organizations.organization_id
    where conversions.kind = 'customer'

),

-- The amount of the deal, where no revenue was entered.
payments as (

    select
        customers.organization_id,
        customers.conversion_id,
        customers.won_month_on,
        greatest(
            cast(
                (extract(year from payments.paid_month_on) - extract(year from customers.won_month_on)) * 12
                + extract(month from payments.paid_month_on) - extract(month from customers.won_month_on) as integer
            ), 0
        ) as age_months,
        case when payments.kind = 'recurring' then payments.amount_minor else 0 end as recurring_minor,
        case when payments.kind = 'recurring' then 0 else payments.amount_minor end as one_off_minor
    from customers
    inner join {{ ref('int_revenue_payments') }} as payments
        on
            customers.organization_id = payments.organization_id
            and customers.contact_id = payments.contact_id
    union all
    select
        customers.organization_id,
        customers.conversion_id,
        customers.won_month_on,
        0 as age_months,
        0 as recurring_minor,
        customers.value_minor as one_off_minor
    from customers
    left join {{ ref('int_revenue_by_contact') }} as revenue
        on
            customers.organization_id = revenue.organization_id
            and customers.contact_id = revenue.contact_id
    where revenue.contact_id is null and customers.value_minor is not null

),

by_age as (

    select
        organization_id,
        conversion_id,
        won_month_on,
        age_months,
        sum(recurring_minor) as recurring_minor,
        sum(one_off_minor) as one_off_minor
    from payments
    group by 1, 2, 3, 4

)

select
    by_age.organization_id,
    by_age.won_month_on,
    credits.channel,
    coalesce(credits.campaign, '') as campaign,
    credits.model,
    by_age.age_months,
    organizations.currency,
    round({{ sum_of_credited_money('credits.credit * by_age.recurring_minor') }}, 4) as recurring_minor,
    round({{ sum_of_credited_money('credits.credit * by_age.one_off_minor') }}, 4) as one_off_minor
from by_age
inner join {{ ref('attribution_credits') }} as credits
    on
        by_age.organization_id = credits.organization_id
        and by_age.conversion_id = credits.conversion_id
        and credits.attribution_level = 'person'
inner join organizations on by_age.organization_id = organizations.organization_id
group by 1, 2, 3, 4, 5, 6, 7

-- A returned row is a conversion that some attribution rule or level forgot.
{{ config(tags=['after_identity']) }}
select conversions.conversion_id
from {{ ref('conversions') }} as conversions
left join {{ ref('attribution_credits') }} as credits on conversions.conversion_id = credits.conversion_id
group by conversions.conversion_id
having count(distinct credits.model || ' ' || credits.attribution_level) <> {{ 2 * attribution_rules() | length }}

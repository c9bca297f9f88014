{# Attribution by rule: one name a model, which is a column of int_journeys_weighed and a value of attribution_credits. #}
{% macro attribution_rules() -%}
    {{ return([
        'first_touch', 'last_touch', 'last_non_direct', 'linear', 'time_decay', 'u_shaped', 'w_shaped', 'full_path',
        'custom',
    ]) }}
{%- endmacro %}

{# A touch's weight by the parts it plays: the share of each part, and its equal part of what the others share. Weights
   of a journey are normed afterwards, which hands on the share of a part that nobody plays. #}
{% macro weight_of_parts(first, lead, opportunity, last, others) -%}
case when is_first then {{ first }} else 0.0 end
    + case when is_lead_touch then {{ lead }} else 0.0 end
    + case when is_opportunity_touch then {{ opportunity }} else 0.0 end
    + case when is_last then {{ last }} else 0.0 end
    + {{ others }}
{%- endmacro %}

{# A column for every rule: the text with the rule's name for RULE. #}
{% macro for_each_rule(text) -%}
{% for rule in attribution_rules() %}{{ text | replace('RULE', rule) }}{{ ",\n" if not loop.last }}{% endfor %}
{%- endmacro %}

{# A sum of credits, or of money by credit, as a double. Added as decimals: the last digits of a sum of doubles depend on the
   order in which threads add them, at ten million events by more than a rounding hides. #}
{% macro sum_of_credits(expression) -%}
cast(sum(cast({{ expression }} as decimal(28, 15))) as double)
{%- endmacro %}
{% macro sum_of_credited_money(expression) -%}
cast(sum(cast({{ expression }} as decimal(28, 6))) as double)
{%- endmacro %}

{# Whether a page's path is about what it costs. The first scores of a lead (models_ml/lead_scoring/provisional.py) say the same. #}
{% macro is_pricing_page(path) -%}
(lower({{ path }}) like '%pricing%' or lower({{ path }}) like '%/plans%')
{%- endmacro %}

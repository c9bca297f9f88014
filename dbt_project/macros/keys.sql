{# A text key made of columns: nulls are told from empty text, and parts cannot run into one another. #}
{% macro key_of(columns) -%}
md5({% for column in columns %}coalesce(cast({{ column }} as string), '∅'){{ " || '|' || " if not loop.last }}{% endfor %})
{%- endmacro %}

{# In an incremental run: rows that landed since this model last saw any, and a little before (landing may overlap). #}
{% macro landed_since_last_build(column='_loaded_at') -%}
    {%- if is_incremental() -%}
    {{ column }} >= (
        select coalesce(max(_loaded_at), {{ instant("'1970-01-01 00:00:00+00'") }}) from {{ this }}
    ) - interval '{{ var("landing_overlap_hours") }} hours'
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro %}

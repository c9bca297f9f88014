{# How Sail and Spark write a model: a folder of Parquet files, with the columns and types that DuckDB gives the table,
   so that the lake can take the files as they are. meta.engine_columns says which those are (storage.lake.exchange). #}

{% macro spark__create_table_as(temporary, relation, compiled_code, language='sql') -%}
    create table {{ relation }} using parquet
    location '{{ env_var("LEADHOUSE_ENGINE_RESULTS") }}/{{ relation.schema }}/{{ relation.identifier }}'
    as select {{ columns_of_the_lake(relation) }} from ({{ with_doubles(compiled_code) }}) as model
{%- endmacro %}

{% macro spark__create_view_as(relation, sql) -%}
    create or replace view {{ relation }} as {{ with_doubles(sql) }}
{%- endmacro %}

{# What a contract says of a column's values is kept by the data tests. #}
{% macro spark__persist_constraints(relation, model) %}{% endmacro %}

{% macro columns_of_the_lake(relation) -%}
    {%- set found = run_query(
        "select column_name, engine_type from meta.engine_columns where schema_name = '" ~ relation.schema
        ~ "' and table_name = '" ~ relation.identifier ~ "' order by column_index"
    ).rows -%}
    {%- for name, type in found -%}
        cast({{ name }} as {{ type }}) as {{ name }}{{ ", " if not loop.last }}
    {%- else -%}
        {{ exceptions.raise_compiler_error('the lake has no ' ~ relation ~ ' yet: build it once with DuckDB') }}
    {%- endfor -%}
{%- endmacro %}

{# Numbers such as 0.5 are doubles in what DuckDB does with them; here they would be decimals, and 1.0 / 3 would be
   0.33333. Comments go, because an apostrophe in one looks like text. #}
{% macro with_doubles(sql) -%}
    {%- set pieces = modules.re.sub("('[^']*')|--[^\n]*", '\\1', sql).split("'") -%}
    {%- for piece in pieces -%}
        {{- modules.re.sub('(?<![\\w.])([0-9]+[.][0-9]+)(?![\\w.])', '\\1e0', piece) if loop.index0 is even else piece -}}
        {{- "'" if not loop.last -}}
    {%- endfor -%}
{%- endmacro %}

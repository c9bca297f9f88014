{# How a model takes in only what is new.

   DuckLake numbers its commits and knows of every row which one wrote it: the hidden column snapshot_id. A build holds
   the lake's write lock, so whatever a source received after this model last wrote has a higher number than anything in
   this model. That is exact, whatever the clocks say; files without such rows are not even opened, and compaction keeps
   the numbers. Engines that only ever build from nothing need none of it. #}

{# The number of the commit that wrote a row, for staging views to hand on: other engines are given it as a column. #}
{% macro written_in() %}snapshot_id{% endmacro %}

{# In an incremental run: whether a row was written after this model last wrote. #}
{% macro is_news(column='snapshot_id') -%}
    {%- if is_incremental() -%} {{ column }} > {{ last_written(this) }} {%- else -%} true {%- endif -%}
{%- endmacro %}

{# The number of the newest commit that wrote rows of a table; -1 for an empty one. #}
{% macro last_written(relation) -%}
    {{ return(run_query('select coalesce(max(snapshot_id), -1) from ' ~ relation).rows[0][0]) }}
{%- endmacro %}

{# Replaces dbt's own: a table is also built from nothing where the text of its model, or of anything that the model is
   made of (seeds included), is not what it was when the table was made. So no upgrade leaves old rows behind. #}
{% macro is_incremental() %}
    {%- if not execute or model.config.materialized != 'incremental' or should_full_refresh() -%}
        {{ return(False) }}
    {%- endif -%}
    {%- set relation = load_relation(this) -%}
    {{ return(relation is not none and relation.is_table and comment_on(relation) == lineage()) }}
{% endmacro %}

{# One hash of the texts of this model and of all that it is made of. #}
{% macro lineage() %}
    {%- set texts = {} -%}
    {%- do add_texts(model.unique_id, texts) -%}
    {%- set settings = [var('late_event_days'), var('training_moment_days'), var('training_observation_days')] -%}
    {{ return(local_md5(texts.items() | sort | string ~ settings)) }}
{% endmacro %}

{% macro add_texts(unique_id, texts) %}
    {%- set node = graph.nodes.get(unique_id) -%}
    {%- if node is not none and unique_id not in texts -%}
        {%- do texts.update({unique_id: node.checksum.checksum}) -%}
        {%- for parent in node.depends_on.get('nodes', []) -%}{%- do add_texts(parent, texts) -%}{%- endfor -%}
    {%- endif -%}
{% endmacro %}

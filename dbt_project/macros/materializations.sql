{# How tables and views come into the lake.

   Every DDL statement makes a new version of the DuckLake catalog, which every connection then reads anew: with the
   adapter's own way (build aside, rename twice, drop) most of a small build's time went there. So a table whose columns
   did not change is emptied and filled in one transaction, a view whose text did not change is left alone, and anything
   else is dropped and made in one transaction. Readers see the old rows until the commit. #}

{% materialization table, adapter='duckdb' %}
    {%- set old = load_cached_relation(this) -%}
    {%- set new = this.incorporate(type='table') -%}
    {%- set is_kept = old is not none and old.is_table and not should_full_refresh() and has_same_columns(old, compiled_code) -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% call statement('main') -%}
        {%- if is_kept -%}
            {{ fill_anew(new, compiled_code) }}
        {%- else -%}
            {{ drop_in_place(old) }}
            {{ create_table_as(False, new, compiled_code) }}
        {%- endif -%}
    {%- endcall %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [new]}) }}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
    {%- set old = load_cached_relation(this) -%}
    {%- set new = this.incorporate(type='view') -%}
    {%- set fingerprint = local_md5(compiled_code) -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% if old is not none and old.is_view and comment_on(old) == fingerprint %}
        {% call noop_statement('main', 'UNCHANGED') -%} select 1 {%- endcall %}
    {% else %}
        {% call statement('main') -%}
            {{ drop_in_place(old) }}
            {{ create_view_as(new, compiled_code) }};
            comment on view {{ new }} is '{{ fingerprint }}'
        {%- endcall %}
    {% endif %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [new]}) }}
{% endmaterialization %}

{# Replaces the rows that share the unique key with a new row (all of them: a visitor's, a day's), or only adds rows where
   there is no unique key. With `replaced_from`, a column of time, rows before the first new one of their key stay: files
   of older rows are not read. The new rows wait in memory, so that the lake sees one commit and no table beside. #}
{% materialization incremental, adapter='duckdb' %}
    {%- set old = load_cached_relation(this) -%}
    {%- set new = this.incorporate(type='table') -%}
    {%- set is_kept = is_incremental() -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- if is_kept -%}
        {%- do run_query('create or replace temporary table news as (' ~ compiled_code ~ ')') -%}
        {% call statement('main') -%} {{ take_in(new, config.get('unique_key'), config.get('replaced_from')) }} {%- endcall %}
        {%- do run_query('drop table temp.news') -%}
    {%- else -%}
        {% call statement('main') -%}
            {{ drop_in_place(old) }}
            {{ create_table_as(False, new, compiled_code) }};
            comment on table {{ new }} is '{{ lineage() }}'
        {%- endcall %}
    {%- endif %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [new]}) }}
{% endmaterialization %}

{% macro take_in(relation, unique_key, replaced_from) -%}
    {%- set columns = adapter.get_columns_in_relation(relation) | map(attribute='quoted') | join(', ') -%}
    {%- set keys = unique_key | default([], true) | join(', ') -%}
    {%- if replaced_from %}
    {%- set first = run_query('select cast(min(' ~ replaced_from ~ ') as varchar) from temp.news').rows[0][0] %}
    delete from {{ relation }} as old
    where
        old.{{ replaced_from }} >= {{ instant("'" ~ first ~ "'") if first else 'null' }}
        and exists (
            select 1 from (select {{ keys }}, min({{ replaced_from }}) as first from temp.news group by {{ keys }}) as news
            where {{ same(unique_key) }} and old.{{ replaced_from }} >= news.first
        );
    {%- elif unique_key %}
    delete from {{ relation }} as old where exists (select 1 from temp.news where {{ same(unique_key) }});
    {%- endif %}
    insert into {{ relation }} ({{ columns }}) (select {{ columns }} from temp.news);
{%- endmacro %}

{% macro same(keys) -%}
    {% for key in keys %}old.{{ key }} = news.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
{%- endmacro %}

{% macro drop_in_place(relation) -%}
    {%- if relation is not none -%} drop {{ relation.type }} if exists {{ relation }}; {%- endif -%}
{%- endmacro %}

{% macro fill_anew(relation, sql) -%}
    {%- if config.get('contract').enforced %}
        {{- get_assert_columns_equivalent(sql) }}
    delete from {{ relation }};
    insert into {{ relation }} {{ get_column_names() }} ({{ get_select_subquery(sql) }});
    {%- else %}
    delete from {{ relation }};
    insert into {{ relation }} ({{ sql }});
    {%- endif %}
{%- endmacro %}

{# Whether a query would fill a table exactly: the same names and types in the same order. With a contract the columns
   are inserted by name, and the contract itself checks the types. #}
{% macro has_same_columns(relation, sql) -%}
    {%- set before = run_query('describe ' ~ relation).rows | map('list') | list -%}
    {%- set after = run_query('describe select * from (' ~ sql ~ '\n) as model').rows | map('list') | list -%}
    {%- set keys = namespace(before=[], after=[]) -%}
    {%- for row in before -%}{%- do keys.before.append(row[0] ~ ' ' ~ row[1]) -%}{%- endfor -%}
    {%- for row in after -%}{%- do keys.after.append(row[0] ~ ' ' ~ row[1]) -%}{%- endfor -%}
    {%- if config.get('contract').enforced -%}
        {{ return(keys.before | sort == keys.after | sort) }}
    {%- endif -%}
    {{ return(keys.before == keys.after) }}
{%- endmacro %}

{# What a table or view carries as its comment: the fingerprint of what it was made from. Asked of DuckLake's own catalog:
   duckdb_tables() would read the statistics of every table. #}
{% macro comment_on(relation) -%}
    {%- set catalog = '__ducklake_metadata_' ~ relation.database -%}
    {%- set kind = 'view' if relation.is_view else 'table' -%}
    {%- set found = run_query(
        "select tags.value from " ~ catalog ~ ".ducklake_tag as tags"
        ~ " inner join " ~ catalog ~ ".ducklake_" ~ kind ~ " as named on tags.object_id = named." ~ kind ~ "_id"
        ~ " inner join " ~ catalog ~ ".ducklake_schema as schemas on named.schema_id = schemas.schema_id"
        ~ " where tags.key = 'comment' and tags.end_snapshot is null and named.end_snapshot is null"
        ~ " and schemas.end_snapshot is null"
        ~ " and schemas.schema_name = '" ~ relation.schema ~ "' and named." ~ kind ~ "_name = '" ~ relation.identifier ~ "'"
    ) -%}
    {{ return(found.rows[0][0] if found.rows | length else none) }}
{%- endmacro %}

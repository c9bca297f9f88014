{# Every construct that engines spell differently lives here; models only call these.
   default__ is DuckDB, spark__ serves Spark and Sail (dbt-sail finds the spark__ variants). #}

{# The text at a key of a JSON object; null where it is absent or JSON null. #}
{% macro json_text(column, key) %}{{ return(adapter.dispatch('json_text')(column, key)) }}{% endmacro %}
{% macro default__json_text(column, key) %}json_extract_string({{ column }}, '$.{{ key }}'){% endmacro %}
{% macro spark__json_text(column, key) %}get_json_object({{ column }}, '$.{{ key }}'){% endmacro %}

{# A JSON object (or array) at a key, as JSON text without spaces between its parts. #}
{% macro json_part(column, key) %}{{ return(adapter.dispatch('json_part')(column, key)) }}{% endmacro %}
{% macro default__json_part(column, key) %}cast(json_extract({{ column }}, '$.{{ key }}') as varchar){% endmacro %}
{% macro spark__json_part(column, key) -%}
regexp_replace(get_json_object({{ column }}, '$.{{ key }}'), '("(?:[^"\\\\]|\\\\.)*")|\\s+', '$1')
{%- endmacro %}

{# The text at a key that is itself a column. #}
{% macro json_text_at(column, key_column) %}{{ return(adapter.dispatch('json_text_at')(column, key_column)) }}{% endmacro %}
{% macro default__json_text_at(column, key_column) %}json_extract_string({{ column }}, '$."' || {{ key_column }} || '"'){% endmacro %}
{% macro spark__json_text_at(column, key_column) %}from_json({{ column }}, 'map<string,string>')[{{ key_column }}]{% endmacro %}

{# A JSON object with only the keys of an array column; '{}' where the array is null. #}
{% macro json_only_keys(column, keys) %}{{ return(adapter.dispatch('json_only_keys')(column, keys)) }}{% endmacro %}
{% macro default__json_only_keys(column, keys) -%}
coalesce(cast(to_json(map_from_entries(list_filter(
    map_entries(cast(cast({{ column }} as json) as map(varchar, json))),
    lambda entry: list_contains({{ keys }}, entry.key)
))) as varchar), '{}')
{%- endmacro %}
{#- A map of texts forgets which values were text: those that stand behind the key with a quotation mark. -#}
{% macro spark__json_only_keys(column, keys) -%}
'{' || coalesce(array_join(transform(
    filter(map_entries(from_json({{ column }}, 'map<string,string>')), entry -> array_contains({{ keys }}, entry.key)),
    entry -> case
        when instr({{ column }}, '"' || entry.key || '":"') > 0 then trim(both '{}' from to_json(map(entry.key, entry.value)))
        else '"' || entry.key || '":' || coalesce(entry.value, 'null')
    end
), ','), '') || '}'
{%- endmacro %}

{# An instant in UTC from text or from another kind of timestamp. #}
{% macro instant(expression) %}{{ return(adapter.dispatch('instant')(expression)) }}{% endmacro %}
{% macro default__instant(expression) %}cast({{ expression }} as timestamp with time zone){% endmacro %}
{% macro spark__instant(expression) %}cast({{ expression }} as timestamp){% endmacro %}

{# The moment of the build: the variable as_of, else when the run began. #}
{% macro as_of_at() %}{{ instant("'" ~ (var('as_of') or run_started_at.strftime('%Y-%m-%dT%H:%M:%S.%f+00:00')) ~ "'") }}{% endmacro %}

{# The calendar day of an instant in an IANA time zone. #}
{% macro local_day(at, time_zone) %}{{ return(adapter.dispatch('local_day')(at, time_zone)) }}{% endmacro %}
{% macro default__local_day(at, time_zone) %}cast({{ at }} at time zone {{ time_zone }} as date){% endmacro %}
{% macro spark__local_day(at, time_zone) %}to_date(from_utc_timestamp({{ at }}, {{ time_zone }})){% endmacro %}

{# Seconds from one instant to another, as a double. #}
{% macro seconds_between(earlier, later) %}{{ return(adapter.dispatch('seconds_between')(earlier, later)) }}{% endmacro %}
{% macro default__seconds_between(earlier, later) %}(epoch_us({{ later }}) - epoch_us({{ earlier }})) / 1000000.0{% endmacro %}
{% macro spark__seconds_between(earlier, later) %}(unix_micros({{ later }}) - unix_micros({{ earlier }})) / 1000000.0{% endmacro %}

{# Days from one date to another. #}
{% macro days_between(earlier, later) %}{{ return(adapter.dispatch('days_between')(earlier, later)) }}{% endmacro %}
{% macro default__days_between(earlier, later) %}date_diff('day', {{ earlier }}, {{ later }}){% endmacro %}
{% macro spark__days_between(earlier, later) %}datediff({{ later }}, {{ earlier }}){% endmacro %}

{# The first day of every month from one to another, as rows of a select list. #}
{% macro months_between(first_on, last_on) %}{{ return(adapter.dispatch('months_between')(first_on, last_on)) }}{% endmacro %}
{% macro default__months_between(first_on, last_on) -%}
cast(unnest(generate_series({{ first_on }}, {{ last_on }}, interval 1 month)) as date)
{%- endmacro %}
{% macro spark__months_between(first_on, last_on) -%}
explode(sequence({{ first_on }}, {{ last_on }}, interval 1 month))
{%- endmacro %}

{# An instant moved by a number (an expression) of days or minutes. #}
{% macro plus_days(at, count) %}{{ return(adapter.dispatch('plus_days')(at, count)) }}{% endmacro %}
{% macro default__plus_days(at, count) %}({{ at }} + to_days(cast({{ count }} as integer))){% endmacro %}
{% macro spark__plus_days(at, count) %}({{ at }} + make_interval(0, 0, 0, {{ count }})){% endmacro %}

{# Whether text matches a regular expression anywhere. #}
{% macro matches(text, pattern) %}{{ return(adapter.dispatch('matches')(text, pattern)) }}{% endmacro %}
{% macro default__matches(text, pattern) %}regexp_matches({{ text }}, '{{ pattern }}'){% endmacro %}
{% macro spark__matches(text, pattern) %}({{ text }} rlike '{{ pattern | replace("\\", "\\\\") }}'){% endmacro %}

{# All values of a group as an array; its order means nothing. #}
{% macro collect(expression) %}{{ return(adapter.dispatch('collect')(expression)) }}{% endmacro %}
{% macro default__collect(expression) %}list({{ expression }}){% endmacro %}
{% macro spark__collect(expression) %}collect_list({{ expression }}){% endmacro %}

{# Of a group, the value (null too) where a number is least; rows without that number do not count. #}
{% macro value_at_least(expression, number) %}{{ return(adapter.dispatch('value_at_least')(expression, number)) }}{% endmacro %}
{% macro default__value_at_least(expression, number) %}arg_min_null({{ expression }}, {{ number }}){% endmacro %}
{% macro spark__value_at_least(expression, number) %}min_by({{ expression }}, {{ number }}){% endmacro %}

{# The texts of a group joined by a separator, in an order that ends in a unique key. #}
{% macro joined(expression, separator, ordering) %}{{ return(adapter.dispatch('joined')(expression, separator, ordering)) }}{% endmacro %}
{% macro default__joined(expression, separator, ordering) -%}
string_agg({{ expression }}, '{{ separator }}' order by {{ ordering }})
{%- endmacro %}
{% macro spark__joined(expression, separator, ordering) -%}
array_join(transform(
    sort_array(collect_list(struct({{ ordering }}, {{ expression }} as joined_text))), x -> x.joined_text
), '{{ separator }}')
{%- endmacro %}

{# The host of a URL, lower case, without www. and port; null where there is none. #}
{% macro host_of(url) -%}
nullif(regexp_replace(
    split_part(split_part(split_part(split_part(split_part(lower({{ url }}), '://', 2), '/', 1), '?', 1), '#', 1), ':', 1),
    '^www[.]', ''
), '')
{%- endmacro %}

{# The last value before this row that is not null; the window must be ordered to a unique key. #}
{% macro last_known(expression, partition, ordering) %}{{ return(adapter.dispatch('last_known')(expression, partition, ordering)) }}{% endmacro %}
{% macro default__last_known(expression, partition, ordering) -%}
last_value({{ expression }} ignore nulls) over (
    partition by {{ partition }} order by {{ ordering }} rows between unbounded preceding and 1 preceding
)
{%- endmacro %}
{% macro spark__last_known(expression, partition, ordering) -%}
last_value({{ expression }}, true) over (
    partition by {{ partition }} order by {{ ordering }} rows between unbounded preceding and 1 preceding
)
{%- endmacro %}

{# The last value up to and with this row that is not null; the window must be ordered to a unique key. #}
{% macro last_known_here(expression, partition, ordering) %}{{ return(adapter.dispatch('last_known_here')(expression, partition, ordering)) }}{% endmacro %}
{% macro default__last_known_here(expression, partition, ordering) -%}
last_value({{ expression }} ignore nulls) over (
    partition by {{ partition }} order by {{ ordering }} rows between unbounded preceding and current row
)
{%- endmacro %}
{% macro spark__last_known_here(expression, partition, ordering) -%}
last_value({{ expression }}, true) over (
    partition by {{ partition }} order by {{ ordering }} rows between unbounded preceding and current row
)
{%- endmacro %}

{# The texts of a group joined by ` > `, in the order of a number that is unique in the group. #}
{% macro joined_in_order(text, ordering) %}{{ return(adapter.dispatch('joined_in_order')(text, ordering)) }}{% endmacro %}
{% macro default__joined_in_order(text, ordering) %}string_agg({{ text }}, ' > ' order by {{ ordering }}){% endmacro %}
{% macro spark__joined_in_order(text, ordering) -%}
array_join(transform(array_sort(collect_list(struct({{ ordering }} as n, {{ text }} as t))), x -> x.t), ' > ')
{%- endmacro %}

{# Text in lower case, without accents. #}
{% macro unaccented(text) %}{{ return(adapter.dispatch('unaccented')(text)) }}{% endmacro %}
{% macro default__unaccented(text) %}strip_accents(lower({{ text }})){% endmacro %}
{% macro spark__unaccented(text) %}translate(lower({{ text }}), 'àáâãäåçèéêëìíîïñòóôõöùúûüýÿžšćčđ', 'aaaaaaceeeeiiiinooooouuuuyyzsccd'){% endmacro %}

{# Letters to insert, delete, change or (where the engine can) swap to make one text of the other. #}
{% macro edit_distance(one, other) %}{{ return(adapter.dispatch('edit_distance')(one, other)) }}{% endmacro %}
{% macro default__edit_distance(one, other) %}damerau_levenshtein({{ one }}, {{ other }}){% endmacro %}
{% macro spark__edit_distance(one, other) %}levenshtein({{ one }}, {{ other }}){% endmacro %}

{# Every match of a pattern taken out. #}
{% macro without(text, pattern) %}{{ return(adapter.dispatch('without')(text, pattern)) }}{% endmacro %}
{% macro default__without(text, pattern) %}regexp_replace({{ text }}, '{{ pattern }}', '', 'g'){% endmacro %}
{% macro spark__without(text, pattern) %}regexp_replace({{ text }}, '{{ pattern | replace("\\", "\\\\") }}', ''){% endmacro %}

{# The last characters of a text. #}
{% macro last_characters(text, count) %}right({{ text }}, {{ count }}){% endmacro %}

{# A sum to the thousandth, as a double. Fractions are added as whole numbers: the order of threads would show otherwise. #}
{% macro exact_sum(expression) -%}
cast(sum(cast(round(({{ expression }}) * 1000) as bigint)) as double) / 1000.0
{%- endmacro %}

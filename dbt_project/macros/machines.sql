{# Whether an address is of a page or link that no person is shown: domain.page_urls.TRAP. #}
{% macro is_trap(url) -%}
{{ url }} like '%/lh-trap%'
{%- endmacro %}

{# Whether everything that capture held against a visitor is a circumstance (a rented network, an odd user agent), which
   a sign of life outweighs. A comma-separated list of reasons in; the words are those of serving/bots/detector.py. #}
{% macro only_weak_reasons(reasons) -%}
{{ matches(reasons, '^(datacentre_network|empty_user_agent|not_a_browser)(,(datacentre_network|empty_user_agent|not_a_browser))*$') }}
{%- endmacro %}

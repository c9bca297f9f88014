"""Who is whom: components of the identity graph that dbt draws."""

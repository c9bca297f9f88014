"""Crunchbase: companies with their funding, by domain (data.crunchbase.com)."""

"""Enrichment: providers, workflows over contacts and companies, and what they cost and bring."""

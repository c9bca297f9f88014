"""Which visitors are programs, and how we know. Flagged with reasons, never dropped: dbt judges again with hindsight."""

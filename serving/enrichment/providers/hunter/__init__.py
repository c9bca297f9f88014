"""Hunter: addresses of people and facts of companies by domain (hunter.io/api-documentation/v2)."""

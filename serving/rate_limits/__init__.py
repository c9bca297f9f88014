"""How many requests a person or key may make to /v1, told in headers on every answer."""

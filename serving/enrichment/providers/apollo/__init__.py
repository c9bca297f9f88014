"""Apollo: people and companies by address, name or domain (docs.apollo.io)."""

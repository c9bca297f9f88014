"""Reports of providers about messages: verified, known once, and acted on in one transaction."""

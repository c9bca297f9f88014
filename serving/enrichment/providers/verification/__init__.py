"""Our own verification of addresses: syntax, DNS, and where allowed the mail server."""

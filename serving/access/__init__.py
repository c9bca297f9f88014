"""Who is asking: login, the session cookie, secret keys, and the gate before the operator UI."""

"""Who gets which arm: asked by servers with a secret key and by pages with a write key."""

"""Events into the operational store, many at a commit: the hot path's own way, past the ORM."""

"""Features in, scores out; knows no orchestrator."""

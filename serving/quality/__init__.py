"""What went wrong and waits for somebody: refused events, quarantine, held submissions, dead jobs."""

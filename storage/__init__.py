"""Where things are kept: the operational store, the lake and the vectors."""

"""The queue of pairs that may be one: shown with what speaks for it, merged, kept apart, and taken back."""

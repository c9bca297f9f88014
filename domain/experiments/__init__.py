"""The one engine for everything that is tested: who gets what, whether the split is sound, and what may be concluded."""

"""Each folder is a provider: `provider.py` says `PROVIDER`. Adding one edits nothing else."""

"""What a new source is copied from (docs/how-to/add-a-source.md); no source itself, for it lies outside `sources`."""

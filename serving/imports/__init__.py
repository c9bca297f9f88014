"""The flow of an import over HTTP: upload, mapping, preview, start, progress, errors, undo."""

"""Many rows at once, in short transactions: imports of files and their undoing."""

"""The import dialog: what was recognised in a file, and what to make of it."""

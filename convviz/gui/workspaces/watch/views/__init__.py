"""The views of Watch, one per file."""

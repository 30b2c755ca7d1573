"""The views of Watch, one a file."""

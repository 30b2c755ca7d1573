"""The workspaces: which views stand where, and what feeds them."""

"""One file a format that trained models are kept in."""

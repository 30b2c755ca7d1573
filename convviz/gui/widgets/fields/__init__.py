"""Fields to type or choose in."""

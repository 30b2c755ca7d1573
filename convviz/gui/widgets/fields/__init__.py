"""Fields for typing or choosing values."""

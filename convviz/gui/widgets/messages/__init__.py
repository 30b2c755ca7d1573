"""Messages and questions in the window's own look."""

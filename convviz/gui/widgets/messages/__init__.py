"""Messages and questions in the style of the window."""

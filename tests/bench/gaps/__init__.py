"""The longest time the window did not answer, a command at a time."""

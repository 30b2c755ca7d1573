"""The window's model of the run: bridge between the threads, state, selection, and the edited design."""

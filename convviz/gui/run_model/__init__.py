"""The run as the window knows it: bridge between the threads, state, selection, the design that is followed."""

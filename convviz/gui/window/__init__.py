"""The window: bars, menu, status line and buttons. It only assembles the workspaces and the run, which do the work."""

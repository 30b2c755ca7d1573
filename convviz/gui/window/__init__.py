"""The window itself: bars, menu, status line, buttons. It assembles; what happens is in the rooms and the run."""

"""The buttons that train an edited design, as they are called. Without imports: the window's bar is made before all."""

RESTART_WITH_EDITS = "Restart with edits"
"""The button that trains the edited design in place of a run that is active."""
TRAIN_EDITS = "Train edits"
"""The button that trains it in place of one that has ended."""

"""What the window costs training."""

"""What is written and read back: checkpoints, run recordings and exports."""

"""The selected layer: how its window moves, and what one of its cells sees."""

"""The panes of a step: a grid of cards, each with the picture of an array."""

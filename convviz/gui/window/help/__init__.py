"""Help: the keys that there are, what colours mean, and words."""

"""Several watched images in a strip, for the curves card."""

"""Known data sets: which there are, downloading them, and where they are kept."""

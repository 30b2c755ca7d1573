"""The front page of a first start."""

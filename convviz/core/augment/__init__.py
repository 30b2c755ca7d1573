"""Augmentation: images shown to training a little changed, at random but reproducibly."""

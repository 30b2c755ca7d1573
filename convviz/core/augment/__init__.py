"""Augmentation: small random changes of the training images, reproducible by their seed."""

"""The file formats of trained models; those of weights alone, which build on them, are in ``storage.weights``."""

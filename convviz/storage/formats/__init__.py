"""The file formats of trained models, one module each."""

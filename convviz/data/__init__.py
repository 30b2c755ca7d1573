"""Data sets in: HDF5 files and the built-in digits, checked before anything else sees them."""

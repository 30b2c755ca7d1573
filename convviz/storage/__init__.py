"""Writes and reads convviz's own files, and models of other programs: designs, checkpoints, recordings, traces."""

"""Breakpoints in Watch: their drawer, and the strip shown while one of them holds the run."""

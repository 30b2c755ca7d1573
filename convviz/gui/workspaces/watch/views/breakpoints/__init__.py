"""Breakpoints in Watch: their drawer, and what is said while one of them holds the run."""

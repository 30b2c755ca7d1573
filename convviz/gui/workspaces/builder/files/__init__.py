"""The design as source code."""

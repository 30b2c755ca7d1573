"""A design as a whole: files, text, source code."""

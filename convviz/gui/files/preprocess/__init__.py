"""The preprocessing that a network of another program expects: asked once, and remembered for the file."""

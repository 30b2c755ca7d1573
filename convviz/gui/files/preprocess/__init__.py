"""What a network of another program wants done to its images: asked once, and remembered for the file."""

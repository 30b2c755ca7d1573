"""A step of a pass as pictures, text and links: pure functions of the program, its arrays and the selection."""

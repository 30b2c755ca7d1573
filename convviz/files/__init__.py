"""Files of any kind: recognising them, checking where they may be written, and writing them atomically."""

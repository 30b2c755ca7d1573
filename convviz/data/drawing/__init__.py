"""Images of one's own hand: strokes, centring as MNIST does it, and a set to keep them in."""

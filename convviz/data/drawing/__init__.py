"""Images that the user draws: strokes, centring as in MNIST, and a data set to keep them in."""

"""What conditions and pins ask about a minibatch: its names and its facts."""

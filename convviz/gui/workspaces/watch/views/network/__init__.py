"""The network as a row of pictures, and the choice of the image."""

"""The network as a row of columns with pictures, and the choice of the image."""

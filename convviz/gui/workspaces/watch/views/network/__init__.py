"""The network as a row of pictures, and which image it is shown with."""

"""Drawing images: the pad, the image that the network gets, and its answer."""

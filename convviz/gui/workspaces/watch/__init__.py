"""Watch: the network and its measures while it learns."""

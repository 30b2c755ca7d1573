"""The list of layers as cards, and how layers are chosen, added and moved."""

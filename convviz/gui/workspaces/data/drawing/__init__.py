"""Drawing images oneself: the pad, what the network sees, and what it takes it for."""

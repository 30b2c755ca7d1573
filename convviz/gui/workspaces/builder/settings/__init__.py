"""How the network is trained, and on which data: one row a setting."""

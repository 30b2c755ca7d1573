"""How the network is trained, and on which data: one row per setting."""

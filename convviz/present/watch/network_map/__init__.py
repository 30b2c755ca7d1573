"""The map of a whole network: a column per layer, where everything lies, and what it shows."""

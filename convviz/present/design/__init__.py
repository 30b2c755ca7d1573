"""A design as it is shown and edited: its fields, costs, edits, repairs, and how far a field can go."""

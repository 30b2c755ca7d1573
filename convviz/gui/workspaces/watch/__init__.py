"""Watch: what happens while a network learns."""

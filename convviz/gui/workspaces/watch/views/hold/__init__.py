"""The page of a hold."""

"""What Watch shows: pure functions from a look at the run to frozen pictures, one file a kind."""

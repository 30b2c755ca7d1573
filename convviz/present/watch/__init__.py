"""The pictures of Watch: pure functions from the state of the run to frozen pictures, one file per kind."""

"""The page shown while a breakpoint holds the run."""

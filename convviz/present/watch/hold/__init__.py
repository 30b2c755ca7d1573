"""The page of a hold: the minibatch whose update has not been made, and what the update would do."""

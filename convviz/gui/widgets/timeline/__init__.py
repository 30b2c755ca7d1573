"""The loss of a whole run, with a cursor that goes to any minibatch of it."""

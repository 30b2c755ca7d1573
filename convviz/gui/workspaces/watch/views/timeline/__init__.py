"""The timeline of Watch: buttons, and the loss of the whole run with a cursor on it."""

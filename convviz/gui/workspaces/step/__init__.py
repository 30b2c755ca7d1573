"""The Step workspace: a debugger for one pass."""
